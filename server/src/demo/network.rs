//! What the simulated network consists of.

use crate::{
    store::{Store, StoreError},
    vault::Vault,
};
use engine::driver::routeros::sim::{Fault, SimFleet, SimOptions, SimUser, Spread};
use model::{
    CheckDraft, CheckKind, CredentialChange, DeviceDraft, DeviceId, DeviceKind, NewCredential, Settings,
};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

/// Where the routers live: an address each, as in life.
const ROUTERS_AT: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
const TUNNELS_AT: Ipv4Addr = Ipv4Addr::new(127, 78, 0, 1);
/// A user such as the onboarding text creates.
const LOGIN: (&str, &str) = ("routewarden", "look-only");

const SITES: [(&str, &str); 4] =
    [("BDG", "Bandung"), ("CKR", "Cikarang"), ("BKS", "Bekasi"), ("KRW", "Karawang")];
/// The first router of a site is its core, the others hang on it.
const ROLES: [&str; 4] = ["core", "edge", "tower-1", "tower-2"];
const TUNNELS: [(&str, &str); 9] = [
    ("CIKARANG", "Cikarang"),
    ("TELUK BUYUNG", "Bekasi"),
    ("BATU JAYA", "Karawang"),
    ("SAMSAT", "Bekasi"),
    ("WARUNG KOTING", "Cikarang"),
    ("BSR", "Bandung"),
    ("SUKATANI ALL", "Cikarang"),
    ("JALAN LAYANG", "Bandung"),
    ("CEGER CANGKRING", "Bekasi"),
];

/// The simulated routers and the listeners behind the tunnels.
pub struct Network {
    pub routers: SimFleet,
    pub tunnels: Vec<Tunnel>,
}

/// A listener that can go away and come back at the same address.
pub struct Tunnel {
    address: SocketAddr,
    listener: Option<TcpListener>,
}

impl Tunnel {
    fn open(first: Ipv4Addr, index: usize) -> io::Result<Tunnel> {
        // Three tunnels share a host, as they do in the monitor's own example.
        let host = Ipv4Addr::from(u32::from(first) + u32::try_from(index / 3).unwrap_or(0));
        let listener = TcpListener::bind((host, 0))?;
        Ok(Tunnel { address: listener.local_addr()?, listener: Some(listener) })
    }

    /// Refuses connections from now on.
    pub fn break_down(&mut self) {
        self.listener = None;
    }

    /// Accepts connections again, unless something else took the port meanwhile.
    pub fn repair(&mut self) {
        if self.listener.is_none() {
            self.listener = TcpListener::bind(self.address).ok();
        }
    }
}

impl Network {
    pub async fn start() -> io::Result<Network> {
        let options = SimOptions {
            users: vec![SimUser::monitor(LOGIN.0, LOGIN.1)],
            name: "demo".to_owned(),
            ..SimOptions::default()
        };
        let count = u32::try_from(SITES.len() * ROLES.len()).unwrap_or(0);
        let spread = Spread::Addresses { first: ROUTERS_AT, port: free_port()? };
        let routers = SimFleet::start(count, spread, options).await?;
        // One router does not let us see its sensors, one works hard, one has changed its password.
        for (index, fault) in
            [(6, Fault::Deny("/system/health".to_owned())), (9, Fault::Busy(93)), (13, Fault::WrongPassword)]
        {
            if let Some(router) = routers.routers.get(index) {
                router.script(fault);
            }
        }
        let tunnels = (0..TUNNELS.len()).map(|index| Tunnel::open(TUNNELS_AT, index));
        Ok(Network { routers, tunnels: tunnels.collect::<io::Result<_>>()? })
    }

    /// Writes the network down as somebody would have entered it.
    pub async fn write(&self, store: &Store, vault: &Vault) -> Result<(), StoreError> {
        let mut core = None;
        for (index, router) in self.routers.routers.iter().enumerate() {
            let (site, role) = (SITES[index / ROLES.len() % SITES.len()], ROLES[index % ROLES.len()]);
            let is_core = index % ROLES.len() == 0;
            let draft = DeviceDraft {
                parent: if is_core { None } else { core },
                tags: vec![if is_core { "core" } else { "access" }.to_owned()],
                routeros: CredentialChange::Set(NewCredential {
                    username: LOGIN.0.to_owned(),
                    password: Some(LOGIN.1.to_owned()),
                    port: Some(router.address().port()),
                    tls: false,
                }),
                checks: Some(vec![check(CheckKind::Icmp, None), check(CheckKind::Routeros, None)]),
                ..device(&format!("{}-{role}", site.0), DeviceKind::Router, router.address(), site.1)
            };
            let id = store.devices().create(draft, vault).await?.id;
            if is_core {
                core = Some(id);
            }
        }
        for ((name, site), tunnel) in TUNNELS.iter().zip(&self.tunnels) {
            let port = tunnel.address.port();
            let draft = DeviceDraft {
                description: Some(format!("Server {name} - Port {port}")),
                checks: Some(vec![check(CheckKind::Tcp, Some(port)), check(CheckKind::Icmp, None)]),
                ..device(name, DeviceKind::Tunnel, tunnel.address, site)
            };
            store.devices().create(draft, vault).await?;
        }
        self.write_the_rest(store, vault, core).await
    }

    /// A switch that answers pings only, and a server that is in the workshop.
    async fn write_the_rest(
        &self,
        store: &Store,
        vault: &Vault,
        parent: Option<DeviceId>,
    ) -> Result<(), StoreError> {
        let at = |last| SocketAddr::from(([127, 79, 0, last], 0));
        let switch = DeviceDraft { parent, ..device("KRW-switch", DeviceKind::Switch, at(1), "Karawang") };
        let server = DeviceDraft { enabled: false, ..device("radius", DeviceKind::Server, at(2), "Bandung") };
        for draft in [switch, server] {
            store.devices().create(draft, vault).await?;
        }
        Ok(())
    }
}

fn device(name: &str, kind: DeviceKind, address: SocketAddr, site: &str) -> DeviceDraft {
    DeviceDraft {
        location: Some(site.to_owned()),
        vendor: (kind == DeviceKind::Router).then(|| "MikroTik".to_owned()),
        checks: Some(vec![check(CheckKind::Icmp, None)]),
        ..DeviceDraft::new(name, kind, address.ip().to_string())
    }
}

/// Asked more often than a real network would be, so that something is to be seen.
fn check(kind: CheckKind, port: Option<u16>) -> CheckDraft {
    let settings = port.map(|port| ("port".to_owned(), port.to_string()));
    let settings = settings.into_iter().collect::<Settings>();
    CheckDraft { kind, interval_s: Some(10), timeout_s: Some(5), settings }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((ROUTERS_AT, 0))?.local_addr()?.port())
}
