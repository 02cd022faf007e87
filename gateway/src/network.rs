//! Address ranges, as settings name them and the edge asks them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// An address range in CIDR notation, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    prefix: u32,
    is_v4: bool,
}

impl Network {
    /// Whether the range holds the address; an IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let (bits, is_v4) = bits_of(address.to_canonical());
        is_v4 == self.is_v4 && bits & mask(self.prefix) == self.first
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| format!("{text:?} is not an address range"))?;
        let (bits, is_v4) = bits_of(address);
        let longest = if is_v4 { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix
                .parse()
                .ok()
                .filter(|figure| *figure <= longest)
                .ok_or_else(|| format!("the prefix of {text:?} is not a number from 0 to {longest}"))?,
        };
        let prefix = prefix + 128 - longest;
        Ok(Self { first: bits & mask(prefix), prefix, is_v4 })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.first).to_canonical();
        let prefix = if self.is_v4 { self.prefix - 96 } else { self.prefix };
        write!(f, "{address}/{prefix}")
    }
}

fn bits_of(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (address.to_ipv6_mapped().to_bits(), true),
        IpAddr::V6(address) => (address.to_bits(), false),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_written_alike() {
        for text in ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8", "::/0", "0.0.0.0/0"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "x", "fd00::/129", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert!(!"0.0.0.0/0".parse::<Network>().unwrap().holds("2001:db8::1".parse().unwrap()));
    }
}
