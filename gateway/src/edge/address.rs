//! Whose request this is: the peer's address, or what a trusted proxy says of it.

use crate::network::Network;
use http::HeaderMap;
use std::net::{IpAddr, Ipv4Addr};

/// Entries of `X-Forwarded-For` that are looked at, from the right; honest chains have a few.
const HOPS_MAX: usize = 16;

/// The client's address as the edge found it; an extension of every request it hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The address of the client: the right-most one of `X-Forwarded-For` that is no trusted proxy.
///
/// Only a trusted peer's header is read. What it says is believed up to the first entry that cannot be read.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> ClientAddress {
    let mut address = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries.take(HOPS_MAX) {
        if !is_trusted(address, trusted) {
            break;
        }
        let Some(before) = read_entry(entry) else { break };
        address = before;
    }
    ClientAddress(address)
}

/// Whether the address belongs to a proxy of the deployment.
#[must_use]
pub fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.holds(address))
}

fn read_entry(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let address: IpAddr = entry.parse().ok()?;
    Some(address.to_canonical())
}

/// What limits are counted by: an IPv4 address, or the /64 an IPv6 host can choose freely from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Neighbourhood {
    V4(Ipv4Addr),
    V6([u8; 8]),
    /// All, while the table is full.
    Others,
}

impl From<IpAddr> for Neighbourhood {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &[&str]) -> Vec<Network> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[track_caller]
    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &networks(trusted)).0.to_string()
    }

    #[test]
    fn an_untrusted_peer_speaks_for_itself_only() {
        assert_eq!(client("203.0.113.9", &["10.0.0.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["10.0.0.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn the_right_most_untrusted_address_counts() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(client("10.1.1.1", &["1.1.1.1, 198.51.100.7, 10.2.2.2"], &trusted), "198.51.100.7");
        assert_eq!(client("10.1.1.1", &["1.1.1.1", "198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(client("fd00::5", &["2001:db8::1"], &trusted), "2001:db8::1");
        assert_eq!(client("::ffff:10.1.1.1", &["198.51.100.7"], &trusted), "198.51.100.7");
    }

    #[test]
    fn what_cannot_be_read_ends_the_chain_at_the_proxy() {
        for garbage in ["unknown", "", "198.51.100.7:80", "fe80::1%eth0", "198.51.100.7, x"] {
            assert_eq!(client("10.1.1.1", &[garbage], &["10.0.0.0/8"]), "10.1.1.1", "{garbage}");
        }
    }

    #[test]
    fn a_long_chain_is_not_walked_to_its_end() {
        let chain = vec!["10.0.0.1"; 50].join(",");
        assert_eq!(client("10.1.1.1", &[&format!("1.1.1.1,{chain}")], &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn neighbours_share_the_first_half_of_an_ipv6_address() {
        let of = |text: &str| Neighbourhood::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
