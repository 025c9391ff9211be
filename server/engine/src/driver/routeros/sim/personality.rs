//! What kind of router is simulated: its RouterOS, its hardware, its way to the internet.

/// A line of RouterOS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Health in one row, dates like `jan/02/2023`, the interface of a route inside `gateway-status`.
    V6_49,
    /// Health in rows of name, value and type; flags left out while false; `immediate-gw`.
    V7_14,
    /// As before, and says `!empty` when nothing was found (since 7.18).
    V7_20,
}

/// What it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware {
    /// Has sensors, firmware and a serial number.
    RouterBoard,
    /// A virtual machine: no sensors, and no `/system/routerboard` at all.
    Chr,
}

/// How it reaches the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Pppoe,
    Dhcp,
    Lte,
    Static,
}

/// One kind of router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personality {
    pub version: Version,
    pub hardware: Hardware,
    pub way: Way,
}

impl Personality {
    pub const V6_49: Self =
        Self { version: Version::V6_49, hardware: Hardware::RouterBoard, way: Way::Pppoe };
    pub const V7: Self = Self { version: Version::V7_14, hardware: Hardware::RouterBoard, way: Way::Dhcp };
    pub const V7_20: Self = Self { version: Version::V7_20, ..Self::V7 };
    pub const CHR: Self = Self { version: Version::V7_20, hardware: Hardware::Chr, way: Way::Static };

    pub const fn by(self, way: Way) -> Self {
        Self { way, ..self }
    }

    /// The mix of a grown network, in the order of a fleet.
    pub fn nth(index: u32) -> Self {
        const MIX: [Personality; 8] = [
            Personality::V7,
            Personality::V6_49,
            Personality::V7_20.by(Way::Pppoe),
            Personality::V7.by(Way::Lte),
            Personality::V6_49.by(Way::Dhcp),
            Personality::CHR,
            Personality::V7_20.by(Way::Static),
            Personality::V6_49.by(Way::Lte),
        ];
        MIX[index as usize % MIX.len()]
    }

    pub fn is_v6(self) -> bool {
        self.version == Version::V6_49
    }

    pub fn version_text(self) -> &'static str {
        match self.version {
            Version::V6_49 => "6.49.10 (long-term)",
            Version::V7_14 => "7.14.3 (stable)",
            Version::V7_20 => "7.20.6 (stable)",
        }
    }

    /// The newest version its channel offers.
    pub fn latest(self) -> &'static str {
        if self.is_v6() { "6.49.18" } else { "7.20.6" }
    }

    pub fn board(self) -> &'static str {
        match (self.hardware, self.version, self.way) {
            (Hardware::Chr, ..) => "CHR",
            (_, Version::V6_49, Way::Lte) => "RBSXTR",
            (_, Version::V6_49, _) => "RB750Gr3",
            (_, _, Way::Lte) => "RBwAPGR-5HacD2HnD",
            _ => "RB5009UG+S+",
        }
    }

    /// The interface of the default route.
    pub fn wan_interface(self) -> &'static str {
        match self.way {
            Way::Pppoe => "pppoe-out1",
            Way::Lte => "lte1",
            Way::Dhcp | Way::Static => "ether1",
        }
    }
}
