//! The documentation, packed in blocks.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use tessera_stdlib::packed;

use crate::Result;
use crate::write::{push_u32, push_varint};

/// A block is closed once it holds this many bytes of text: large enough to be
/// packed well, small enough to be unpacked while someone hovers.
const BLOCK_TARGET: usize = 48 * 1024;

/// The texts of the documentation, numbered from 1 as they come, so that those
/// of one object lie in one block. Equal texts are kept once.
#[derive(Default)]
pub(crate) struct Texts {
    list: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Texts {
    /// The number of a text, 0 for none.
    pub(crate) fn number(&mut self, text: &str) -> usize {
        if text.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.list.push(text.to_owned());
        self.numbers.insert(text.to_owned(), self.list.len());
        self.list.len()
    }

    /// The index of the blocks and the packed blocks.
    pub(crate) fn blocks(&self) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut index, mut packed, mut block, mut first) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for (at, text) in self.list.iter().enumerate() {
            push_varint(&mut block, text.len())?;
            block.extend(text.as_bytes());
            if block.len() >= BLOCK_TARGET || at + 1 == self.list.len() {
                close(&mut index, &mut packed, &block, first)?;
                block.clear();
                first = at + 1;
            }
        }
        Ok((index, packed))
    }
}

fn close(index: &mut Vec<u8>, packed: &mut Vec<u8>, block: &[u8], first: usize) -> Result<()> {
    if block.len() > packed::MAX_BLOCK_BYTES {
        return Err("a text is too long for a block".into());
    }
    let bytes = compress_to_vec_zlib(block, 10);
    for number in [first, packed.len(), bytes.len(), block.len()] {
        push_u32(index, number)?;
    }
    packed.extend(bytes);
    Ok(())
}
