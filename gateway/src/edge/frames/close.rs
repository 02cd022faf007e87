//! The body of a close frame: a code that may stand on the wire, then a reason in UTF-8 (RFC 6455, section 7.4).
//!
//! Judged byte by byte, so that nothing needs to be kept.

const MASK_BYTES: usize = 4;

/// A close frame's body as far as it has arrived.
#[derive(Debug, Default)]
pub(super) struct ClosePayload {
    mask: [u8; MASK_BYTES],
    taken: u8,
    code_high: u8,
    reason: Utf8,
}

impl ClosePayload {
    pub(super) fn masked(mask: [u8; MASK_BYTES]) -> Self {
        Self { mask, ..Self::default() }
    }

    /// Takes the next byte as it came from the wire.
    pub(super) fn take(&mut self, masked: u8) -> Result<(), &'static str> {
        let byte = masked ^ self.mask[usize::from(self.taken) % MASK_BYTES];
        match self.taken {
            0 => self.code_high = byte,
            1 if !may_be_sent(u16::from_be_bytes([self.code_high, byte])) => return Err("close code"),
            1 => {}
            _ => self.reason.take(byte)?,
        }
        self.taken = self.taken.saturating_add(1);
        Ok(())
    }

    /// The body ends here.
    pub(super) fn finish(&self) -> Result<(), &'static str> {
        match self.reason.more {
            0 => Ok(()),
            _ => Err("close reason is not UTF-8"),
        }
    }
}

/// The codes an endpoint may send: defined and not reserved for local use, registered since, or private.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// A walk over UTF-8 (RFC 3629, section 4).
#[derive(Debug, Default)]
struct Utf8 {
    /// Continuation bytes that must follow.
    more: u8,
    /// Bounds of the next one, which shut out overlong forms, surrogates and what lies beyond U+10FFFF.
    low: u8,
    high: u8,
}

impl Utf8 {
    fn take(&mut self, byte: u8) -> Result<(), &'static str> {
        if self.more > 0 {
            if byte < self.low || byte > self.high {
                return Err("close reason is not UTF-8");
            }
            *self = Self { more: self.more - 1, low: 0x80, high: 0xbf };
            return Ok(());
        }
        let (more, low, high) = match byte {
            0x00..=0x7f => (0, 0, 0),
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => return Err("close reason is not UTF-8"),
        };
        *self = Self { more, low, high };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_walk_agrees_with_the_standard_library(bytes in proptest::collection::vec(any::<u8>(), 0..8)) {
            let mut walk = Utf8::default();
            let walked = bytes.iter().try_for_each(|byte| walk.take(*byte)).is_ok() && walk.more == 0;
            prop_assert_eq!(walked, std::str::from_utf8(&bytes).is_ok());
        }

        #[test]
        fn every_string_passes(text in "\\PC{0,20}") {
            let mut walk = Utf8::default();
            prop_assert!(text.bytes().try_for_each(|byte| walk.take(byte)).is_ok());
            prop_assert_eq!(walk.more, 0);
        }
    }
}
