//! The body of a definition: its forms, its fields, their types.

use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;
use tessera_stdlib::packed;

use super::cursor::Cursor;
use super::info::ListType;
use super::pack::Pack;
use super::releases::{Range, meet};
use super::{Decoded, DefId, Shape};
use crate::types::{Field, Record, Type};
use crate::value::Value;

/// What a definition is in the newest release that has it.
pub(super) struct Form {
    /// The releases, in the whole pack, that have the definition in any form.
    pub(super) mask: u32,
    pub(super) shape: Shape,
    pub(super) atomic: bool,
    pub(super) deprecated: bool,
    pub(super) doc: u32,
}

/// A field as it is packed, or as several releases have it together.
pub(super) struct RawField<'a> {
    pub(super) name: &'a str,
    /// The releases that have it in this form.
    pub(super) mask: u32,
    pub(super) flags: u32,
    pub(super) ty: Type,
    pub(super) format: Option<&'static str>,
    pub(super) list: ListType,
    pub(super) merge_key: Option<&'a str>,
    pub(super) default: Option<&'a str>,
    pub(super) doc: u32,
}

impl RawField<'_> {
    pub(super) const fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }
}

/// The form of a definition in the newest release of a range that has it.
pub(super) fn form(pack: &Pack, def: DefId, range: Range) -> Option<Form> {
    let mut cursor = pack.body(def)?;
    forms(pack, &mut cursor, range)?
}

/// The fields that all releases of a range have which have the definition, by
/// name; ends early with a `None` where the bytes are damaged.
pub(super) fn fields(pack: &Pack, def: DefId, range: Range) -> Option<impl Iterator<Item = Option<RawField<'_>>>> {
    let mut cursor = pack.body(def)?;
    let range = range.within(forms(pack, &mut cursor, range)??.mask);
    let mut packed = Packed { pack, left: cursor.count()?, cursor }.peekable();
    let next = move || loop {
        let Some(first) = packed.next()? else { return Some(None) };
        let (name, mut all) = (first.name, first.mask);
        let mut field = range.overlaps(first.mask).then_some(first);
        while let Some(Some(form)) = packed.next_if(|next| next.as_ref().is_some_and(|next| next.name == name)) {
            all |= form.mask;
            if range.overlaps(form.mask) {
                field = Some(match field.take() {
                    Some(known) => join(known, form, range),
                    None => form,
                });
            }
        }
        if range.is_within(all) {
            return Some(field);
        }
    };
    Some(std::iter::from_fn(next))
}

/// All forms of all fields of a definition, by name, whatever has them.
pub(super) fn all_fields(pack: &Pack, def: DefId) -> Option<impl Iterator<Item = RawField<'_>>> {
    let mut cursor = pack.body(def)?;
    forms(pack, &mut cursor, Range::default())?;
    Some(Packed { pack, left: cursor.count()?, cursor }.map_while(|field| field))
}

/// Reads fields one after the other.
struct Packed<'a> {
    pack: &'a Pack,
    cursor: Cursor<'static>,
    left: usize,
}

impl<'a> Iterator for Packed<'a> {
    type Item = Option<RawField<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let mut read = || {
            let (name, mask) = (self.cursor.varint()?, self.cursor.varint()?);
            field(self.pack, &mut self.cursor, name, mask)
        };
        Some(read())
    }
}

/// A field as the releases of both forms accept it: the newer form, required
/// where one requires it, and of the values only those that both take.
fn join<'a>(known: RawField<'a>, other: RawField<'a>, range: Range) -> RawField<'a> {
    let newest = |field: &RawField<'_>| range.within(field.mask).newest();
    let (newer, older) = if newest(&known) > newest(&other) { (known, other) } else { (other, known) };
    let required = (newer.flags | older.flags) & packed::FIELD_REQUIRED;
    let nullable = newer.flags & older.flags & packed::FIELD_NULLABLE;
    let flags = newer.flags & !(packed::FIELD_REQUIRED | packed::FIELD_NULLABLE) | required | nullable;
    RawField { flags, mask: newer.mask | older.mask, ty: meet(newer.ty, &older.ty), ..newer }
}

/// A record's fields as types; `None` where the definition is no record.
pub(super) fn record(pack: &Pack, def: DefId, range: Range) -> Option<Decoded> {
    if !matches!(form(pack, def, range)?.shape, Shape::Record) {
        return None;
    }
    let (mut record, mut deprecated) = (Record { fields: IndexMap::new() }, Vec::new());
    for raw in fields(pack, def, range)? {
        let raw = raw?;
        if raw.has(packed::FIELD_DEPRECATED) {
            deprecated.push(raw.name.into());
        }
        let optional = !raw.has(packed::FIELD_REQUIRED);
        let ty = if raw.has(packed::FIELD_NULLABLE) { raw.ty.or_null() } else { raw.ty };
        record.fields.insert(raw.name.into(), Field { ty, optional, default: None, doc: None, span: None });
    }
    Some(Decoded { record: Arc::new(record), deprecated: deprecated.into() })
}

/// Reads all forms and keeps the newest of the range.
fn forms(pack: &Pack, cursor: &mut Cursor<'_>, range: Range) -> Option<Option<Form>> {
    let (mut found, mut all): (Option<Form>, u32) = (None, 0);
    for _ in 0..cursor.count()? {
        let (mask, flags) = (cursor.varint()?, cursor.u8()?);
        let shape = match cursor.u8()? {
            packed::SHAPE_RECORD => Shape::Record,
            packed::SHAPE_OPEN => Shape::Open,
            packed::SHAPE_ALIAS => Shape::Alias(ty(pack, cursor, 0)?.0),
            _ => return None,
        };
        let (atomic, deprecated) = (flags & packed::FORM_ATOMIC != 0, flags & packed::FORM_DEPRECATED != 0);
        let form = Form { mask, shape, atomic, deprecated, doc: cursor.varint()? };
        all |= mask;
        let newest = |mask| range.within(mask).newest();
        if newest(mask) > found.as_ref().and_then(|known| newest(known.mask)) {
            found = Some(form);
        }
    }
    Some(found.map(|form| Form { mask: all, ..form }))
}

fn field<'a>(pack: &'a Pack, cursor: &mut Cursor<'_>, name: u32, mask: u32) -> Option<RawField<'a>> {
    let flags = cursor.varint()?;
    let (ty, format) = ty(pack, cursor, 0)?;
    let list = match flags {
        f if f & packed::FIELD_LIST_MAP != 0 => {
            ListType::Map(strings(pack, cursor)?.into_iter().map(Into::into).collect())
        }
        f if f & packed::FIELD_LIST_SET != 0 => ListType::Set,
        f if f & packed::FIELD_LIST_ATOMIC != 0 => ListType::Atomic,
        _ => ListType::Unsaid,
    };
    let mut string = |flag| if flags & flag == 0 { Some(None) } else { pack.string(cursor.varint()?).map(Some) };
    let (merge_key, default) = (string(packed::FIELD_MERGE_KEY)?, string(packed::FIELD_DEFAULT)?);
    let doc = cursor.varint()?;
    Some(RawField { name: pack.string(name)?, mask, flags, ty, format, list, merge_key, default, doc })
}

fn strings(pack: &Pack, cursor: &mut Cursor<'_>) -> Option<Vec<&'static str>> {
    (0..cursor.count()?).map(|_| pack.string(cursor.varint()?)).collect()
}

/// A type and the published format that it stands for.
fn ty(pack: &Pack, cursor: &mut Cursor<'_>, depth: usize) -> Option<(Type, Option<&'static str>)> {
    if depth > packed::MAX_TYPE_DEPTH {
        return None;
    }
    let tag = cursor.u8()?;
    let ty = match tag {
        packed::TYPE_MAP => map(ty(pack, cursor, depth + 1)?.0),
        packed::TYPE_LIST => list(ty(pack, cursor, depth + 1)?.0),
        packed::TYPE_REFERENCE => {
            let def = cursor.varint()?;
            (usize::try_from(def).ok()? < pack.definitions()).then_some(Type::Schema(DefId(def)))?
        }
        packed::TYPE_ENUM => one_of(&strings(pack, cursor)?),
        _ => scalar(tag)?,
    };
    Some((ty, format(tag)))
}

fn scalar(tag: u8) -> Option<Type> {
    Some(match tag {
        packed::TYPE_DYN => Type::Dyn,
        packed::TYPE_STRING => Type::String,
        packed::TYPE_INT64 | packed::TYPE_INT32 => Type::Int,
        packed::TYPE_FLOAT => Type::Float,
        packed::TYPE_BOOL => Type::Bool,
        packed::TYPE_QUANTITY => Type::Quantity,
        packed::TYPE_INT_OR_STRING => SHARED.int_or_string.clone(),
        packed::TYPE_TIME | packed::TYPE_MICRO_TIME => Type::Timestamp,
        packed::TYPE_BYTES => Type::Bytes,
        _ => return None,
    })
}

const fn format(tag: u8) -> Option<&'static str> {
    match tag {
        packed::TYPE_INT64 => Some("int64"),
        packed::TYPE_INT32 => Some("int32"),
        packed::TYPE_FLOAT => Some("double"),
        packed::TYPE_INT_OR_STRING => Some("int-or-string"),
        packed::TYPE_TIME => Some("date-time"),
        packed::TYPE_MICRO_TIME => Some("date-time-micro"),
        packed::TYPE_BYTES => Some("byte"),
        _ => None,
    }
}

/// Composed types that occur all over; one of each is enough.
struct Shared {
    int_or_string: Type,
    strings: Type,
    string_map: Type,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| Shared {
    int_or_string: Type::Union(Arc::new(vec![Type::Int, Type::String])),
    strings: Type::List(Arc::new(Type::String)),
    string_map: Type::Map(Arc::new((Type::String, Type::String))),
});

fn list(item: Type) -> Type {
    if matches!(item, Type::String) { SHARED.strings.clone() } else { Type::List(Arc::new(item)) }
}

fn map(value: Type) -> Type {
    if matches!(value, Type::String) { SHARED.string_map.clone() } else { Type::Map(Arc::new((Type::String, value))) }
}

/// A union of literals; it needs two members at least, so that one value is
/// itself and none is text.
fn one_of(values: &[&str]) -> Type {
    let mut literals: Vec<Type> = values.iter().map(|value| Type::Literal(Value::str(value))).collect();
    match (literals.len(), literals.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            literals.push(last);
            Type::Union(Arc::new(literals))
        }
        _ => Type::String,
    }
}
