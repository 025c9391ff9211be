//! Echo requests and replies as bytes. No I/O.

/// Sizes: the ICMP header, and what we put behind it.
const HEADER: usize = 8;
const BODY: usize = 24;
pub(super) const PACKET: usize = HEADER + BODY;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

/// What an echo carries there and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    /// Ours alone: other programs' echoes, and our own from before a restart, do not have it.
    pub magic: u64,
    /// Which ping it belongs to.
    pub id: u64,
    /// When it was sent, in nanoseconds since the sender began.
    pub sent_ns: u64,
}

/// The bytes of a request. Some systems replace the identifier, so the ping is told by the body.
pub(super) fn request(family: Family, echo: Echo) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = if family == Family::V4 { 8 } else { 128 };
    packet[4..6].copy_from_slice(&(echo.magic as u16).to_be_bytes());
    packet[6..8].copy_from_slice(&(echo.id as u16).to_be_bytes());
    for (at, part) in [echo.magic, echo.id, echo.sent_ns].into_iter().enumerate() {
        let from = HEADER + at * 8;
        packet[from..from + 8].copy_from_slice(&part.to_be_bytes());
    }
    if family == Family::V4 {
        // The kernel does it for version 6, where it needs the addresses.
        let sum = checksum(&packet);
        packet[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    packet
}

/// The echo in a reply; nothing when it is anything else.
pub(super) fn reply(family: Family, packet: &[u8]) -> Option<Echo> {
    // Raw sockets of version 4 give the IP header too; no ICMP message begins like one.
    let header = match packet.first()? {
        first if family == Family::V4 && first >> 4 == 4 => usize::from(first & 15) * 4,
        _ => 0,
    };
    let packet = packet.get(header..)?;
    let expected = if family == Family::V4 { 0 } else { 129 };
    let part = |at: usize| {
        let from = HEADER + at * 8;
        packet.get(from..from + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes)
    };
    let is_reply = packet.first() == Some(&expected) && packet.get(1) == Some(&0);
    is_reply.then_some(Echo { magic: part(0)?, id: part(1)?, sent_ns: part(2)? })
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 =
        bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ECHO: Echo = Echo { magic: 0x0102_0304_0506_0708, id: 0x1_0007, sent_ns: 99 };

    #[test]
    fn a_request_has_the_bytes_that_the_protocol_wants() {
        let packet = request(Family::V4, ECHO);
        assert_eq!((packet[0], packet[1], &packet[4..8]), (8, 0, &[7, 8, 0, 7][..]));
        assert_eq!(checksum(&packet), 0, "a right checksum makes the sum of all vanish");
        assert_eq!((request(Family::V6, ECHO)[0], &request(Family::V6, ECHO)[2..4]), (128, &[0, 0][..]));
        // RFC 1071, section 3, without the odd byte.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn a_reply_is_understood_with_and_without_the_ip_header_and_a_request_is_no_reply() {
        let mut packet = request(Family::V4, ECHO);
        assert_eq!(reply(Family::V4, &packet), None);
        packet[0] = 0;
        assert_eq!(reply(Family::V4, &packet), Some(ECHO));
        let mut with_header = vec![0x46; 24];
        with_header.extend(packet);
        assert_eq!(reply(Family::V4, &with_header), Some(ECHO));
        let mut packet = request(Family::V6, ECHO);
        packet[0] = 129;
        assert_eq!(reply(Family::V6, &packet), Some(ECHO));
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_can_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for family in [Family::V4, Family::V6] {
                let _ = reply(family, &bytes);
            }
        }
    }
}
