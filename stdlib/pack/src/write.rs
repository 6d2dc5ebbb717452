//! From merged releases to bytes, in the layout of `tessera_stdlib::packed`.

use std::collections::{BTreeMap, BTreeSet};

use tessera_stdlib::packed;

use crate::Result;
use crate::merge::{Form, Layers, Mask, Merged};
use crate::model::{Field, Kind, ListType, Name, Shape, Ty};
use crate::texts::Texts;

/// Writes the file.
///
/// # Errors
/// Fails where a number does not fit its place.
pub fn write(merged: &Merged) -> Result<Vec<u8>> {
    let strings = all_strings(merged);
    let mut writer = Writer {
        strings: ids(strings.iter().cloned())?,
        definitions: ids(merged.definitions.keys().cloned())?,
        texts: Texts::default(),
    };
    let (definitions, bodies) = writer.definitions(merged)?;
    let kinds = writer.kinds(merged)?;
    let lives = writer.lives(merged)?;
    let (blocks, documentation) = writer.texts.blocks()?;
    let sections = [
        (strings.len(), string_section(&strings)?),
        (merged.definitions.len(), definitions),
        (kinds.len() / packed::KIND_SIZE, kinds),
        (bodies.len(), bodies),
        (blocks.len() / packed::BLOCK_SIZE, blocks),
        (documentation.len(), documentation),
        (lives.len() / packed::LIFE_SIZE, lives),
    ];
    assemble(&merged.versions, &sections)
}

fn assemble(versions: &[String], sections: &[(usize, Vec<u8>); packed::SECTIONS]) -> Result<Vec<u8>> {
    let mut out = packed::MAGIC.to_vec();
    out.push(packed::FORMAT);
    out.push(u8::try_from(versions.len()).map_err(|e| e.to_string())?);
    for version in versions {
        out.push(u8::try_from(version.len()).map_err(|e| e.to_string())?);
        out.extend(version.as_bytes());
    }
    let mut offset = out.len() + sections.len() * 8;
    for (count, bytes) in sections {
        push_u32(&mut out, offset)?;
        push_u32(&mut out, *count)?;
        offset += bytes.len();
    }
    out.extend(sections.iter().flat_map(|(_, bytes)| bytes));
    Ok(out)
}

fn ids<T: Ord>(sorted: impl Iterator<Item = T>) -> Result<BTreeMap<T, u16>> {
    let number = |(at, item)| Ok((item, u16::try_from(at).map_err(|_| "more than 65,535 names")?));
    sorted.enumerate().map(number).collect()
}

pub(crate) fn push_u32(out: &mut Vec<u8>, number: usize) -> Result<()> {
    out.extend(u32::try_from(number).map_err(|e| e.to_string())?.to_le_bytes());
    Ok(())
}

pub(crate) fn push_varint(out: &mut Vec<u8>, number: usize) -> Result<()> {
    let mut rest = u32::try_from(number).map_err(|e| e.to_string())?;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    Ok(())
}

fn string_section(strings: &BTreeSet<String>) -> Result<Vec<u8>> {
    let (mut out, mut offset) = (Vec::new(), 0);
    for string in strings {
        push_u32(&mut out, offset)?;
        offset += string.len();
    }
    push_u32(&mut out, offset)?;
    out.extend(strings.iter().flat_map(|string| string.as_bytes()));
    Ok(out)
}

fn all_strings(merged: &Merged) -> BTreeSet<String> {
    let mut strings = BTreeSet::new();
    for (name, layers) in &merged.definitions {
        strings.extend([name.group.clone(), name.version.clone(), name.name.clone()]);
        for form in &layers.forms {
            if let Shape::Alias(ty) = &form.shape {
                strings_of_type(ty, &mut strings);
            }
        }
        for (field_name, forms) in &layers.fields {
            strings.insert(field_name.clone());
            forms.iter().for_each(|(_, field)| strings_of_field(field, &mut strings));
        }
    }
    for ((kind, group, version), forms) in &merged.kinds {
        strings.extend([kind.clone(), group.clone(), version.clone()]);
        strings.extend(forms.iter().map(|(_, form)| form.plural.clone()));
    }
    for (name, life) in &merged.lives {
        let names = [Some(name), life.replacement.as_ref()].into_iter().flatten();
        strings.extend(names.flat_map(|(kind, group, version)| [kind, group, version]).cloned());
    }
    strings
}

fn strings_of_field(field: &Field, strings: &mut BTreeSet<String>) {
    strings_of_type(&field.ty, strings);
    strings.extend(field.merge_key.iter().chain(&field.default).cloned());
    if let ListType::Map(keys) = &field.list {
        strings.extend(keys.iter().cloned());
    }
}

fn strings_of_type(ty: &Ty, strings: &mut BTreeSet<String>) {
    match ty {
        Ty::Map(element) | Ty::List(element) => strings_of_type(element, strings),
        Ty::Enum(values) => strings.extend(values.iter().cloned()),
        _ => {}
    }
}

struct Writer {
    strings: BTreeMap<String, u16>,
    definitions: BTreeMap<Name, u16>,
    texts: Texts,
}

impl Writer {
    fn string(&self, string: &str) -> Result<u16> {
        self.strings.get(string).copied().ok_or_else(|| format!("{string} was not collected"))
    }

    fn definition(&self, name: &Name) -> Result<u16> {
        self.definitions.get(name).copied().ok_or_else(|| format!("{name:?} is not defined"))
    }

    fn definitions(&mut self, merged: &Merged) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut index, mut bodies) = (Vec::new(), Vec::new());
        for (name, layers) in &merged.definitions {
            for part in [&name.group, &name.version, &name.name] {
                index.extend(self.string(part)?.to_le_bytes());
            }
            push_u32(&mut index, bodies.len())?;
            self.body(&mut bodies, layers)?;
        }
        Ok((index, bodies))
    }

    fn body(&mut self, out: &mut Vec<u8>, layers: &Layers) -> Result<()> {
        push_varint(out, layers.forms.len())?;
        for form in &layers.forms {
            self.form(out, form)?;
        }
        push_varint(out, layers.fields.values().map(Vec::len).sum())?;
        for (name, forms) in &layers.fields {
            for (mask, field) in forms {
                push_varint(out, self.string(name)?.into())?;
                push_varint(out, (*mask).into())?;
                self.field(out, field)?;
            }
        }
        Ok(())
    }

    fn form(&mut self, out: &mut Vec<u8>, form: &Form) -> Result<()> {
        push_varint(out, form.mask.into())?;
        let deprecated = if form.deprecated { packed::FORM_DEPRECATED } else { 0 };
        out.push(deprecated | if form.atomic { packed::FORM_ATOMIC } else { 0 });
        match &form.shape {
            Shape::Record => out.push(packed::SHAPE_RECORD),
            Shape::Open => out.push(packed::SHAPE_OPEN),
            Shape::Alias(ty) => {
                out.push(packed::SHAPE_ALIAS);
                self.ty(out, ty)?;
            }
        }
        push_varint(out, self.texts.number(&form.doc))
    }

    fn field(&mut self, out: &mut Vec<u8>, field: &Field) -> Result<()> {
        push_varint(out, field_flags(field) as usize)?;
        self.ty(out, &field.ty)?;
        if let ListType::Map(keys) = &field.list {
            self.strings(out, keys)?;
        }
        for string in field.merge_key.iter().chain(&field.default) {
            push_varint(out, self.string(string)?.into())?;
        }
        push_varint(out, self.texts.number(&field.doc))
    }

    fn strings(&self, out: &mut Vec<u8>, strings: &[String]) -> Result<()> {
        push_varint(out, strings.len())?;
        strings.iter().try_for_each(|string| push_varint(out, self.string(string)?.into()))
    }

    fn ty(&self, out: &mut Vec<u8>, ty: &Ty) -> Result<()> {
        out.push(tag(ty));
        match ty {
            Ty::Map(element) | Ty::List(element) => self.ty(out, element),
            Ty::Reference(name) => push_varint(out, self.definition(name)?.into()),
            Ty::Enum(values) => self.strings(out, values),
            _ => Ok(()),
        }
    }

    fn kinds(&self, merged: &Merged) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for ((kind, group, version), forms) in &merged.kinds {
            let name = Name { group: group.clone(), version: version.clone(), name: kind.clone() };
            for (mask, form) in forms {
                for part in [kind, group, version, &form.plural] {
                    out.extend(self.string(part)?.to_le_bytes());
                }
                out.extend(self.definition(&name)?.to_le_bytes());
                push_kind(&mut out, *mask, form);
            }
        }
        Ok(out)
    }

    fn lives(&self, merged: &Merged) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for ((kind, group, version), life) in &merged.lives {
            for part in [kind, group, version] {
                out.extend(self.string(part)?.to_le_bytes());
            }
            out.extend([life.introduced, life.deprecated, life.removed]);
            match &life.replacement {
                Some((kind, group, version)) => {
                    for part in [group, version, kind] {
                        out.extend(self.string(part)?.to_le_bytes());
                    }
                }
                None => out.extend([packed::NO_STRING; 3].into_iter().flat_map(u16::to_le_bytes)),
            }
        }
        Ok(out)
    }
}

fn push_kind(out: &mut Vec<u8>, mask: Mask, kind: &Kind) {
    out.extend(mask.to_le_bytes());
    out.extend(kind.verbs.to_le_bytes());
    let flags = [
        (kind.namespaced, packed::KIND_NAMESPACED),
        (kind.status, packed::KIND_STATUS),
        (kind.scale, packed::KIND_SCALE),
    ];
    out.push(flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum());
}

fn field_flags(field: &Field) -> u32 {
    let flags = [
        (field.required, packed::FIELD_REQUIRED),
        (field.nullable, packed::FIELD_NULLABLE),
        (field.deprecated, packed::FIELD_DEPRECATED),
        (field.atomic, packed::FIELD_ATOMIC),
        (field.list == ListType::Atomic, packed::FIELD_LIST_ATOMIC),
        (field.list == ListType::Set, packed::FIELD_LIST_SET),
        (matches!(field.list, ListType::Map(_)), packed::FIELD_LIST_MAP),
        (field.merge_key.is_some(), packed::FIELD_MERGE_KEY),
        (field.default.is_some(), packed::FIELD_DEFAULT),
    ];
    flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum()
}

fn tag(ty: &Ty) -> u8 {
    match ty {
        Ty::Dyn => packed::TYPE_DYN,
        Ty::String => packed::TYPE_STRING,
        Ty::Int64 => packed::TYPE_INT64,
        Ty::Int32 => packed::TYPE_INT32,
        Ty::Float => packed::TYPE_FLOAT,
        Ty::Bool => packed::TYPE_BOOL,
        Ty::Quantity => packed::TYPE_QUANTITY,
        Ty::IntOrString => packed::TYPE_INT_OR_STRING,
        Ty::Time => packed::TYPE_TIME,
        Ty::MicroTime => packed::TYPE_MICRO_TIME,
        Ty::Bytes => packed::TYPE_BYTES,
        Ty::Map(_) => packed::TYPE_MAP,
        Ty::List(_) => packed::TYPE_LIST,
        Ty::Reference(_) => packed::TYPE_REFERENCE,
        Ty::Enum(_) => packed::TYPE_ENUM,
    }
}
