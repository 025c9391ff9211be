//! Whole inputs that make sense, from which mutations begin.

use app::api::wire::encode;
use model::{
    CredentialChange, DeviceDraft, DeviceId, DeviceKind, FromBrowser, FromServer, NewCredential, Timestamp,
};

fn sentence(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        let length = u16::try_from(word.len()).expect("seeds are short");
        match length {
            0..0x80 => bytes.push(length as u8),
            _ => bytes.extend((length | 0x8000).to_be_bytes()),
        }
        bytes.extend_from_slice(word);
    }
    bytes.push(0);
    bytes
}

pub fn sentences() -> Vec<Vec<u8>> {
    let row = sentence(&[b"!re", b".tag=7", b"=name=ether1", b"=comment=caf\xe9", b"=empty=", b"=flag"]);
    let done = sentence(&[b"!done", b".tag=7", b"=ret=*3"]);
    let trap = sentence(&[b"!trap", b".tag=7", b"=category=2", b"=message=no such command"]);
    let fatal = sentence(&[b"!fatal", b"too many sessions"]);
    let long = sentence(&[b"!re", b".tag=7", &[b'x'; 300], &[b'y'; 200]]);
    let lengths = [&b"\xf0\x00\x01\x00\x01"[..], b"\xe0\x20\x00\x00", b"\xc0\x40\x00", b"\xf8"].concat();
    let streams = [
        row.repeat(3),
        [row.clone(), done.clone()].concat(),
        trap,
        fatal,
        long,
        lengths,
        done.repeat(4),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
    ];
    let ways = [0x03, 0x02, 0x0f, 0xff, 0xfe];
    streams.iter().flat_map(|stream| ways.map(|way| [&[way], stream.as_slice()].concat())).collect()
}

pub fn import() -> Vec<Vec<u8>> {
    [
        r#"{"tunnels":[{"name":"A","host":"192.0.2.1","port":443,"location":"Bekasi"}],
            "settings":{"timeout":5,"monitor_interval":30,"fast_mode":true,"adaptive_interval":false}}"#,
        r#"[{"name":"edge","ip_address":"192.0.2.1","device_type":"router","tags":["a","b"],"enabled":false,
            "routeros":{"username":"u","password":"p","port":8729,"tls":true}}]"#,
        r#"{"devices":[{"name":"x","ip_address":"host.example","device_type":"server","parent":"edge"}]}"#,
        "name,ip_address,device_type,tags,enabled\n\"a,b\",192.0.2.1,switch,\"x;y\",yes\nc,::1,tunnel,,0\n",
        "name;ip_address;port\r\nA;192.0.2.1;443\r\n",
        "\u{feff}name\tip_address\nA\t192.0.2.1\n",
        "{}",
        "[]",
        "",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

pub fn fernet() -> Vec<Vec<u8>> {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8DOULlYIG7C-QUaUW7r2wza1QyMtFI3DWrLlHcYQsjW3cnMR2KHyA3vjfF-y5QIr-\
                 h-vVSi849GEsttyH8PQ3E=";
    let written =
        [format!("{key}\n{token}"), format!("{key}\n"), format!("{}\n{token}", key.trim_end_matches('='))];
    written.into_iter().map(String::into_bytes).collect()
}

pub fn wire() -> Vec<Vec<u8>> {
    let draft = DeviceDraft {
        description: Some("roof".into()),
        parent: Some(DeviceId(3)),
        tags: vec!["a".into()],
        checks: Some(Vec::new()),
        routeros: CredentialChange::Set(NewCredential {
            username: "u".into(),
            password: Some("p".into()),
            port: Some(8729),
            tls: true,
        }),
        ..DeviceDraft::new("edge", DeviceKind::Router, "192.0.2.1")
    };
    let alive = FromServer::Rate {
        id: DeviceId(1),
        interface: "ether1".into(),
        rx_bps: u64::MAX,
        tx_bps: 0,
        at: Timestamp(-1),
    };
    let bodies = [
        (0, encode(&FromBrowser::Hello { ticket: "t".repeat(43) })),
        (0, encode(&FromBrowser::Watch { id: Some(DeviceId(-1)), interface: Some("ether1".into()) })),
        (1, encode(&draft)),
        (2, encode(&(DeviceId(1), &draft))),
        (8, encode(&("name", "password"))),
        (9, encode(&("code", "name", "password"))),
        (14, encode(&alive)),
        (5, encode(&Some(DeviceId(i64::MAX)))),
        (7, encode(&u32::MAX)),
    ];
    let with_kind = bodies.into_iter().map(|(kind, body)| [vec![kind], body].concat());
    // Each of them read as every other kind, too.
    with_kind.flat_map(|seed| (0..16).map(move |kind| [&[kind], &seed[1..]].concat())).collect()
}

pub fn configuration() -> Vec<Vec<u8>> {
    [
        "listen = \"127.0.0.1:5000\"\ndata_dir = \"data\"\nlog = \"info\"\nlog_format = \"json\"\n",
        "port = 5000\ntrusted_proxy = [\"10.0.0.0/8\", \"::1\"]\nsession_idle_hours = 24\n",
        "database_url = \"postgres://rw:p%40ss@127.0.0.1/rw\"\ntls_cert = \"a\"\ntls_key = 'b'\n",
        "# a comment\n[table]\nkey = {a = 1}\n",
        "listen = 5\nport = -1\ncolour = \"red\"\n",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

pub fn updates() -> Vec<Vec<u8>> {
    let all = [
        r#"{"ok":true,"result":[{"update_id":7,"message":{"message_id":1,"from":{"id":42,"is_bot":false,
            "first_name":"A","username":"ani"},"chat":{"id":-1001,"type":"supergroup"},"message_thread_id":3,
            "date":1,"text":"/status@our_bot now"}},{"update_id":8,"edited_message":{"chat":{"id":1}}}]}"#,
        r#"{"ok":true,"result":[{"update_id":9,"callback_query":{"id":"77","from":{"id":42},"message":
            {"chat":{"id":42,"type":"private"}},"data":"ack 5"}}]}"#,
        r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":5}}"#,
        r#"{"ok":true,"result":[{"update_id":10,"message":{"chat":{"id":5},"from":{"id":5,"first_name":"\u202e\n"},"photo":[]}}]}"#,
    ];
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn syslog() -> Vec<Vec<u8>> {
    let lines = [
        "system,info,account user admin logged in from 192.0.2.7 via winbox\n",
        "<30>Nov 29 10:00:00 gw firewall,info forward: in:WAN out:LAN, proto UDP, [2001:db8::1]:1->[2001:db8::2]:2, len 112\n",
        "2023-03-19T12:34:09.757188+01:00 gw system,error,critical login failure for user admin from 192.0.2.7 via ssh\n",
        "<165>1 2003-10-11T22:14:15.003Z host app 12 ID47 [a@1 b=\"c\"][d@1] \u{feff}An event\n",
        "<34>Oct 11 22:14:15 mymachine su[77]: 'su root' failed\n",
        "11 hello world4 next",
        "no standard \u{202e}at all\n\n\0\n",
    ];
    let all = lines.concat();
    lines
        .into_iter()
        .chain([all.as_str()])
        .flat_map(|text| [1, 7, 255].map(|piece| [&[piece], text.as_bytes()].concat()))
        .collect()
}

pub fn log_times() -> Vec<Vec<u8>> {
    let texts = [
        "2023-09-11 10:00:00\nsystem,info,account",
        "2023-09-11T10:00:00.25\ndhcp,debug,packet",
        "sep/11/2023 10:00:00\nscript,warning",
        "sep/11 10:00:00\nsystem,error,critical",
        "feb/29 01:00:00\n,,",
        "09-11 10:00:00\ninterface",
        "10:00:00\nfirewall,info",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}
