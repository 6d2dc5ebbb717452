//! The layout of the packed Kubernetes schemas, shared by the command that
//! writes it and the compiler that reads it.
//!
//! All numbers are little-endian; *varint* is LEB128 of at most 32 bits. The
//! file is a header and seven sections:
//!
//! | part | content |
//! | --- | --- |
//! | header | [`MAGIC`], [`FORMAT`], the number of releases, each release as a length byte and text, ascending; then for each section its offset and its count, as two `u32` |
//! | strings | `count + 1` offsets (`u32`) into the text that follows them; sorted, unique; a string's id is its index |
//! | definitions | [`DEFINITION_SIZE`] bytes each, sorted by group, version, name: three string ids (`u16`), the offset of the body in the section of bodies (`u32`) |
//! | kinds | [`KIND_SIZE`] bytes each, sorted by kind, group, version: kind, group, version and plural as string ids, the definition (`u16` each), mask, verbs (`u16` each), flags (`u8`) |
//! | bodies | see below; the count is the length in bytes |
//! | blocks | [`BLOCK_SIZE`] bytes each: the number of the first text in the block, the offset of the block in the section of documentation, its length packed and unpacked, as `u32` |
//! | documentation | blocks in zlib's format, each a sequence of texts with a varint of length before it; the count is the length in bytes |
//! | lives | [`LIFE_SIZE`] bytes each, sorted by kind, group, version: kind, group and version as string ids (`u16` each), the minors in which the kind was introduced, is deprecated and is removed (`u8` each, 0 for unknown or never), then group, version and kind of its replacement as string ids (`u16` each, [`NO_STRING`] for none) |
//!
//! A **mask** says in which releases of the header something exists: bit 0 is
//! the first. What differs between releases (a field's type, say) is written
//! once for each form, with masks that do not overlap.
//!
//! A life is published for kinds of other releases, too: it tells what became
//! of `policy/v1beta1/PodDisruptionBudget`.
//!
//! A body is: the number of its forms (varint), each as mask (varint), flags
//! (`FORM_*`), shape (`SHAPE_*`, with a type after [`SHAPE_ALIAS`]) and text
//! (varint, 0 for none, else the number of the text plus 1); then the number of
//! fields (varint), each as name (varint string id), mask (varint), flags
//! (varint of `FIELD_*`), type, what the flags announce in the order of the
//! flags, and text. Fields are sorted by name.
//!
//! A type is a tag (`TYPE_*`), followed by its element for [`TYPE_MAP`] and
//! [`TYPE_LIST`], by a varint definition for [`TYPE_REFERENCE`], by a count and
//! string ids (varints) for [`TYPE_ENUM`].

/// The first bytes of the file.
pub const MAGIC: &[u8; 4] = b"TSKS";
/// The version of this layout; a reader refuses any other.
pub const FORMAT: u8 = 2;
/// The number of sections.
pub const SECTIONS: usize = 7;
/// The most releases that fit a kind's mask.
pub const MAX_RELEASES: usize = 16;
/// Bytes of a definition's entry.
pub const DEFINITION_SIZE: usize = 10;
/// Bytes of a kind's entry.
pub const KIND_SIZE: usize = 15;
/// Bytes of a block's entry.
pub const BLOCK_SIZE: usize = 16;
/// Bytes of a life's entry.
pub const LIFE_SIZE: usize = 15;
/// No string: a life without a replacement.
pub const NO_STRING: u16 = u16::MAX;
/// The deepest nesting of lists and maps in one type.
pub const MAX_TYPE_DEPTH: usize = 8;
/// The longest block of documentation, unpacked, in bytes.
pub const MAX_BLOCK_BYTES: usize = 1 << 17;

/// A closed record.
pub const SHAPE_RECORD: u8 = 0;
/// Any value.
pub const SHAPE_OPEN: u8 = 1;
/// Another name for a type.
pub const SHAPE_ALIAS: u8 = 2;

/// The documentation says that the definition is deprecated.
pub const FORM_DEPRECATED: u8 = 1;
/// The whole object has one owner (`x-kubernetes-map-type: atomic`).
pub const FORM_ATOMIC: u8 = 2;

/// The field must be present.
pub const FIELD_REQUIRED: u32 = 1;
/// The field may be null.
pub const FIELD_NULLABLE: u32 = 1 << 1;
/// The documentation says that the field is deprecated.
pub const FIELD_DEPRECATED: u32 = 1 << 2;
/// The whole map has one owner.
pub const FIELD_ATOMIC: u32 = 1 << 3;
/// The whole list has one owner.
pub const FIELD_LIST_ATOMIC: u32 = 1 << 4;
/// The items of the list are unique.
pub const FIELD_LIST_SET: u32 = 1 << 5;
/// The items have keys; a count and string ids (varints) follow.
pub const FIELD_LIST_MAP: u32 = 1 << 6;
/// A strategic merge key follows, a string id (varint).
pub const FIELD_MERGE_KEY: u32 = 1 << 7;
/// A default follows, as a string id (varint) of JSON.
pub const FIELD_DEFAULT: u32 = 1 << 8;

/// Anything.
pub const TYPE_DYN: u8 = 0;
/// Text.
pub const TYPE_STRING: u8 = 1;
/// An integer of 64 bits.
pub const TYPE_INT64: u8 = 2;
/// An integer of 32 bits.
pub const TYPE_INT32: u8 = 3;
/// A double.
pub const TYPE_FLOAT: u8 = 4;
/// A truth value.
pub const TYPE_BOOL: u8 = 5;
/// A quantity.
pub const TYPE_QUANTITY: u8 = 6;
/// An integer or text.
pub const TYPE_INT_OR_STRING: u8 = 7;
/// A point in time, to the second.
pub const TYPE_TIME: u8 = 8;
/// A point in time, to the microsecond.
pub const TYPE_MICRO_TIME: u8 = 9;
/// Octets, base64 in JSON.
pub const TYPE_BYTES: u8 = 10;
/// A map from text.
pub const TYPE_MAP: u8 = 11;
/// A list.
pub const TYPE_LIST: u8 = 12;
/// A definition.
pub const TYPE_REFERENCE: u8 = 13;
/// One of several texts.
pub const TYPE_ENUM: u8 = 14;

/// The kind's objects live in namespaces.
pub const KIND_NAMESPACED: u8 = 1;
/// The kind has the subresource `status`.
pub const KIND_STATUS: u8 = 2;
/// The kind has the subresource `scale`.
pub const KIND_SCALE: u8 = 4;

/// The verbs in the order of their bits.
pub const VERBS: [&str; 8] = ["create", "get", "list", "watch", "update", "patch", "delete", "deletecollection"];
