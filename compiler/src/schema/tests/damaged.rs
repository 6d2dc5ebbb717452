//! Packs that are cut off or altered are refused or give `None`; never a panic.

use crate::project::VersionRange;
use crate::schema::{DefId, Schemas};

/// The bytes of the header: five releases, seven sections.
const HEADER: usize = 6 + 5 * 7 + 7 * 8;

/// Asks for everything that a pack can be asked for.
fn exercise(schemas: &Schemas) {
    let defs: Vec<DefId> = schemas.definitions().collect();
    for def in defs.into_iter().chain([DefId(0), DefId(964), DefId(u32::MAX)]) {
        let _ = (schemas.name(def), schemas.shape(def), schemas.doc(def));
        if let Some(name) = schemas.record(def).and_then(|r| r.fields.keys().last()) {
            let _ = (schemas.field(def, name), schemas.field_doc(def, name));
        }
    }
    for kind in schemas.kinds() {
        let _ = schemas.kind(&kind.group, &kind.version, &kind.kind);
    }
    let _ = (schemas.type_named("core", "v1", "Container"), schemas.life("policy", "v1beta1", "PodDisruptionBudget"));
    let wide = schemas.of_versions(VersionRange { oldest: 33, newest: 37 });
    for def in wide.definitions() {
        let _ = (wide.record(def), wide.minors_of_definition(def), wide.minors_of_field(def, "spec"));
    }
}

#[test]
fn a_pack_that_is_cut_off_is_refused() {
    let whole = tessera_stdlib::KUBERNETES;
    let lengths = (0..200).chain((200..whole.len()).step_by(997)).chain(whole.len() - 40..whole.len());
    for length in lengths {
        assert!(Schemas::open(&whole[..length], None).is_none(), "{length} bytes");
    }
    assert!(Schemas::open(whole, None).is_some());
}

#[test]
fn another_layout_is_refused() {
    for at in 0..5 {
        let mut bytes = tessera_stdlib::KUBERNETES.to_vec();
        bytes[at] ^= 1;
        assert!(Schemas::open(bytes.leak(), None).is_none(), "byte {at}");
    }
    assert!(Schemas::open(tessera_stdlib::KUBERNETES, Some("1.2.3")).is_none());
}

/// Marsaglia's xorshift, so that a failure can be repeated.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap_or_default()
}

#[test]
fn altered_bytes_give_none_and_no_panic() {
    let mut state = 0x2026_1121_u64;
    for round in 0..60 {
        let mut bytes = tessera_stdlib::KUBERNETES.to_vec();
        // Half of the rounds strike the structure, which is small, and its header.
        let reach = if round % 2 == 0 { bytes.len() } else { 80_000 };
        let reach = if round % 10 == 1 { 120 } else { reach };
        for _ in 0..40 {
            let at = next(&mut state) % reach;
            bytes[at] = u8::try_from(next(&mut state) % 256).unwrap();
        }
        if round % 10 != 1 {
            bytes[..HEADER].copy_from_slice(&tessera_stdlib::KUBERNETES[..HEADER]);
        }
        if let Some(schemas) = Schemas::open(bytes.leak(), None) {
            exercise(&schemas);
        }
    }
}

#[test]
fn types_nested_without_end_are_refused() {
    let mut bytes = tessera_stdlib::KUBERNETES.to_vec();
    let length = bytes.len();
    // The tag of a list, all over the sections of the structure.
    bytes[HEADER..length / 3].fill(tessera_stdlib::packed::TYPE_LIST);
    if let Some(schemas) = Schemas::open(bytes.leak(), None) {
        exercise(&schemas);
    }
}
