//! Canned answers, so that pages can be looked at before the program behind them is wired up.

use app::api::{ApiError, port};
use async_trait::async_trait;
use model::*;
use std::sync::Arc;

pub struct Sample;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn user() -> User {
    User {
        id: UserId(1),
        name: "admin".into(),
        role: Role::Admin,
        enabled: true,
        created_at: NOW,
        last_login_at: Some(NOW),
    }
}

fn device(id: i64) -> Device {
    let kind = DeviceKind::ALL[(id % 6) as usize];
    let check = |check, kind: CheckKind| Check {
        id: CheckId(id * 10 + check),
        kind,
        interval_s: 30,
        timeout_s: 5,
        settings: Settings::from([("port".to_owned(), "8291".to_owned())]),
    };
    Device {
        id: DeviceId(id),
        name: format!("{}-{id}", ["BDG-CORE", "CIKARANG", "SAMSAT", "TELUK BUYUNG"][(id % 4) as usize]),
        kind,
        address: format!("192.0.2.{id}"),
        description: Some("Sample device".into()),
        location: Some(["Bandung", "Cikarang", "Bekasi"][(id % 3) as usize].into()),
        vendor: Some("MikroTik".into()),
        model: Some("RB760iGS".into()),
        parent: (id > 6).then_some(DeviceId(1)),
        tags: vec!["core".into()],
        enabled: true,
        checks: vec![check(1, CheckKind::Tcp), check(2, CheckKind::Icmp)],
        routeros: (kind == DeviceKind::Router).then(|| RouterosAccess {
            port: None,
            tls: true,
            credential: CredentialSummary { username: "routewarden".into(), set_at: NOW },
            pinned: Some("ab".repeat(32)),
        }),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn row(id: i64) -> Row {
    let device = device(id);
    let state = State::ALL[[3, 3, 3, 0, 3, 1, 3, 2, 3, 4][(id % 10) as usize]];
    let is_up = state.is_overall_up();
    let checks = [(CheckKind::Tcp, Some(8291)), (CheckKind::Icmp, None)].map(|(kind, port)| CheckLive {
        kind,
        port,
        status: if is_up { CheckStatus::Ok } else { CheckStatus::Failed },
        time_ms: is_up.then_some(12.5),
        why: (!is_up).then(|| "connection refused".to_owned()),
        at: Some(NOW),
    });
    let router = (device.kind == DeviceKind::Router).then(|| RouterLive::from(&metrics()));
    Row {
        id: device.id,
        name: device.name,
        kind: device.kind,
        address: device.address,
        location: device.location,
        tags: device.tags,
        live: Live {
            state,
            since: Timestamp(NOW.0 - id * 3_600_000),
            cause: (!is_up).then(|| "connection refused".to_owned()),
            checked_at: Some(NOW),
            checks: checks.to_vec(),
            beat: None,
            router,
        },
        beats: (0..30)
            .map(|n| if (n + id) % 11 == 0 { Beat::Failed } else { Beat::Ok(100 + (n * 7 % 13) as u32 * 9) })
            .collect(),
    }
}

fn metrics() -> Metrics {
    Metrics {
        identity: Some("edge-1".into()),
        model: Some("RB760iGS".into()),
        routeros_version: Some("7.15.3".into()),
        update_available: Some("7.16".into()),
        serial: Some("HD0812ABCDE".into()),
        cpu_percent: Some(12.0),
        memory_percent: Some(41.0),
        memory_total_bytes: Some(268_435_456),
        uptime_s: Some(273_000),
        temperature_celsius: Some(46.0),
        voltage_volts: Some(24.1),
        external_ip: Some("203.0.113.9".into()),
        webfig_url: Some("http://192.0.2.6:80/".into()),
        reconnects: 3,
        wan: Some(Wan {
            interface: "pppoe-out1".into(),
            kind: Some(WanKind::Pppoe),
            address: Some("100.64.3.2".into()),
            gateway: None,
            rx_bps: Some(48_300_000),
            tx_bps: Some(9_100_000),
        }),
        ..Metrics::default()
    }
}

#[async_trait]
impl port::Backend for Sample {
    fn visitor(&self) -> Visitor {
        Visitor {
            user: Some(user()),
            needs_setup: false,
            is_exposed: false,
            language: "en".into(),
            theme: "auto".into(),
        }
    }
    async fn set_up(&self, _: String, _: String, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    async fn log_in(&self, _: String, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    async fn log_out(&self) -> Result<(), ApiError> {
        Ok(())
    }
    async fn set_preferences(&self, _: String, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    fn viewer(&self) -> Result<Arc<dyn port::Viewer>, ApiError> {
        Ok(Arc::new(Sample))
    }
    fn admin(&self) -> Result<Arc<dyn port::Admin>, ApiError> {
        Ok(Arc::new(Sample))
    }
    fn redirect(&self, path: &str) {
        leptos_axum::redirect(path)
    }
}

#[async_trait]
impl port::Viewer for Sample {
    async fn overview(&self, limit: u32) -> Result<Overview, ApiError> {
        let rows: Vec<Row> = (1..=24).map(row).collect();
        let mut counts = Counts::default();
        rows.iter().for_each(|row| counts.add(row.live.state));
        Ok(Overview {
            seq: 1,
            counts,
            rows: rows.into_iter().take(limit as usize).collect(),
            unrecorded_since: None,
            now: NOW,
        })
    }
    async fn device_page(&self, id: DeviceId) -> Result<DevicePage, ApiError> {
        if !(1..=24).contains(&id.0) {
            return Err(ApiError::NotFound);
        }
        let ether = |n: u32| Interface {
            name: format!("ether{n}"),
            kind: "ether".into(),
            is_running: n < 4,
            rx_bps: Some(1_000_000 * u64::from(n)),
            tx_bps: Some(300_000),
            rx_bytes: Some(9_000_000_000),
            tx_bytes: Some(800_000_000),
            ..Interface::default()
        };
        Ok(DevicePage {
            seq: 1,
            device: device(id.0),
            parent_name: None,
            row: row(id.0),
            metrics: Some(metrics()),
            interfaces: (1..6).map(ether).collect(),
            now: NOW,
        })
    }
    async fn devices(&self) -> Result<Vec<Device>, ApiError> {
        Ok((1..=24).map(device).collect())
    }
    async fn check_forms(&self) -> Result<Vec<CheckForm>, ApiError> {
        let port = Field {
            name: "port".into(),
            label: "field_port".into(),
            input: Input::Number { min: 1, max: 65535 },
            required: true,
            default: None,
        };
        Ok(vec![
            CheckForm { kind: CheckKind::Icmp, label: "check_icmp".into(), fields: vec![] },
            CheckForm { kind: CheckKind::Tcp, label: "check_tcp".into(), fields: vec![port] },
            CheckForm { kind: CheckKind::Routeros, label: "check_routeros".into(), fields: vec![] },
        ])
    }
    async fn ticket(&self, _: String) -> Result<String, ApiError> {
        Ok("sample".into())
    }
    async fn change_password(&self, _: String, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    async fn tokens(&self) -> Result<Vec<Token>, ApiError> {
        Ok(vec![Token {
            id: TokenId(1),
            user: UserId(1),
            prefix: "rw_3hKq".to_owned(),
            name: "grafana".into(),
            scope: Scope::Read,
            created_at: NOW,
            last_used_at: None,
        }])
    }
    async fn create_token(&self, _: String, _: Scope) -> Result<String, ApiError> {
        Ok("rw_sample_token".into())
    }
    async fn remove_token(&self, _: TokenId) -> Result<(), ApiError> {
        Ok(())
    }
}

#[async_trait]
impl port::Admin for Sample {
    async fn create_device(&self, draft: DeviceDraft) -> Result<Device, ApiError> {
        let errors = draft.errors();
        if errors.is_empty() { Ok(device(1)) } else { Err(errors.into()) }
    }
    async fn update_device(&self, id: DeviceId, draft: DeviceDraft) -> Result<Device, ApiError> {
        let errors = draft.errors();
        if errors.is_empty() { Ok(device(id.0)) } else { Err(errors.into()) }
    }
    async fn set_device_enabled(&self, _: DeviceId, _: bool) -> Result<(), ApiError> {
        Ok(())
    }
    async fn remove_device(&self, _: DeviceId) -> Result<(), ApiError> {
        Ok(())
    }
    async fn check_now(&self, _: Option<DeviceId>) -> Result<(), ApiError> {
        Ok(())
    }
    async fn reload(&self) -> Result<u32, ApiError> {
        Ok(24)
    }
    async fn probe_routeros(
        &self,
        _: Option<DeviceId>,
        _: String,
        _: NewCredential,
    ) -> Result<ProbeReport, ApiError> {
        Ok(ProbeReport {
            is_connected: true,
            fingerprint: Some("cd".repeat(32)),
            identity: Some("edge-1".into()),
            available: vec!["feature_resource".into(), "feature_wan".into()],
            ..ProbeReport::default()
        })
    }
    async fn pin_certificate(&self, _: DeviceId, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    async fn users(&self) -> Result<Vec<User>, ApiError> {
        Ok(vec![
            user(),
            User { id: UserId(2), name: "ani".into(), role: Role::Viewer, ..user() },
            User { id: UserId(3), name: "budi".into(), enabled: false, last_login_at: None, ..user() },
        ])
    }
    async fn create_user(&self, _: String, _: Role, _: String) -> Result<User, ApiError> {
        Ok(user())
    }
    async fn update_user(&self, _: UserId, _: Role, _: bool) -> Result<(), ApiError> {
        Ok(())
    }
    async fn set_user_password(&self, _: UserId, _: String) -> Result<(), ApiError> {
        Ok(())
    }
    async fn remove_user(&self, _: UserId) -> Result<(), ApiError> {
        Ok(())
    }
}
