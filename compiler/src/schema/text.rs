//! The documentation: blocks of packed text, unpacked when one of their texts
//! is asked for and kept.

use std::sync::OnceLock;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use tessera_stdlib::packed::{BLOCK_SIZE, MAX_BLOCK_BYTES};

use super::cursor::Cursor;

/// The blocks.
#[derive(Default)]
pub(super) struct Texts {
    blocks: Vec<Block>,
}

struct Block {
    /// The number of its first text.
    first: u32,
    packed: &'static [u8],
    text: OnceLock<Option<Vec<u8>>>,
}

impl Texts {
    /// Reads the index; both sections are given with the bytes from their
    /// start to the end of the file and their count.
    pub(super) fn open(index: (&[u8], usize), documentation: (&'static [u8], usize)) -> Option<Self> {
        let packed = documentation.0.get(..documentation.1)?;
        let index = index.0.get(..index.1.checked_mul(BLOCK_SIZE)?)?;
        let blocks = index.chunks_exact(BLOCK_SIZE).map(|entry| Block::open(entry, packed));
        Some(Self { blocks: blocks.collect::<Option<_>>()? })
    }

    /// The text of a number counted from 1; 0 stands for no text.
    pub(super) fn text(&self, number: u32) -> Option<String> {
        let at = number.checked_sub(1)?;
        let block = self.blocks.get(self.blocks.partition_point(|b| b.first <= at).checked_sub(1)?)?;
        let mut cursor = Cursor::new(block.text()?);
        for _ in block.first..at {
            let length = cursor.count()?;
            cursor.take(length)?;
        }
        let length = cursor.count()?;
        String::from_utf8(cursor.take(length)?.to_vec()).ok()
    }
}

impl Block {
    fn open(entry: &[u8], packed: &'static [u8]) -> Option<Self> {
        let mut entry = Cursor::new(entry);
        let (first, start, length) = (entry.u32()?, entry.size()?, entry.size()?);
        let packed = packed.get(start..start.checked_add(length)?)?;
        Some(Self { first, packed, text: OnceLock::new() })
    }

    fn text(&self) -> Option<&[u8]> {
        let unpack = || decompress_to_vec_zlib_with_limit(self.packed, MAX_BLOCK_BYTES).ok();
        self.text.get_or_init(unpack).as_deref()
    }
}
