//! Line icons of our own, drawn on a 16 × 16 grid with one path each.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IconName {
    Back,
    Bell,
    BellOff,
    Check,
    Close,
    Columns,
    Copy,
    #[default]
    Devices,
    Edit,
    Download,
    Globe,
    History,
    Key,
    Lines,
    Link,
    Mail,
    More,
    LogOut,
    Pause,
    Play,
    Plus,
    Refresh,
    Report,
    Router,
    Search,
    Send,
    Server,
    Shield,
    Switch,
    Terminal,
    Theme,
    Trash,
    Tunnel,
    Up,
    User,
    Users,
    Warning,
    Wifi,
    Wrench,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            IconName::Back => "M9.5 3.5 5 8l4.5 4.5",
            IconName::Bell => "M4 11.5V7a4 4 0 0 1 8 0v4.5l1 1H3zM6.5 14h3",
            IconName::BellOff => "M4 10V7a4 4 0 0 1 6.5-3.1M12 7v4.5l1 1H5.5M6.5 14h3M2.5 13.5l11-11",
            IconName::Mail => "M2 3.5h12v9H2zM2 4.5 8 9l6-4.5",
            IconName::More => "M3 4.5h10M3 8h10M3 11.5h10",
            IconName::Send => "M14 2 2 7l4.5 2L14 2 9 14 6.5 9",
            IconName::Edit => "M10.5 3 13 5.5 5.5 13H3v-2.5z",
            IconName::Globe => {
                "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2 2 2.5 4 2.5 6S10 12 8 14C6 12 5.5 10 5.5 8S6 4 8 2"
            }
            IconName::Download => "M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
            IconName::Terminal => "M2 2.5h12v11H2zM4.5 6 7 8.2l-2.5 2.3M8.5 10.5h3",
            IconName::History => "M2.5 8a5.5 5.5 0 1 0 1.6-3.9L2.5 5.7M2.5 2.5v3.2h3.2M8 5v3.2l2.2 1.4",
            IconName::Theme => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M10.5 3.5v9M12.8 5.5v5",
            IconName::Key => "M9.5 6.5 3 13M5 11l1.5 1.5M8.5 5a2.8 2.8 0 1 1 2.6 2.6A2.8 2.8 0 0 1 8.5 5",
            IconName::Lines => "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5",
            IconName::Link => "M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5",
            IconName::Pause => "M5.5 3.5v9M10.5 3.5v9",
            IconName::Shield => "M8 2 13 4v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
            IconName::Trash => "M3 4.5h10M6.5 4V2.5h3V4M4.5 4.5l.5 9h6l.5-9",
            IconName::Check => "M3 8.5 6.5 12 13 4.5",
            IconName::Close => "M4 4l8 8M12 4l-8 8",
            IconName::Columns => "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
            IconName::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            IconName::Devices => {
                "M2.5 9.5h11v4h-11zM5 11.5v.01M7.5 11.5v.01M11 9.5V6M9 4a2.8 2.8 0 0 1 4 0M8 2.5a5 5 0 0 1 6 0"
            }
            IconName::LogOut => "M6.5 13.5h-4v-11h4M10 11l3-3-3-3M13 8H6",
            IconName::Play => "M5 3.5 12 8l-7 4.5z",
            IconName::Plus => "M8 3v10M3 8h10",
            IconName::Refresh => "M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2.5V6H9.5",
            IconName::Report => "M2.5 13.5h11M4.5 11V7.5M8 11V3M11.5 11V5.5",
            IconName::Router => "M2.5 9h11v4.5h-11zM5 11.3v.01M7.5 11.3v.01M4 9 2.5 3M12 9l1.5-6",
            IconName::Server => "M3 2.5h10v5H3zM3 8.5h10v5H3zM5.5 5v.01M5.5 11v.01M8.5 5H11M8.5 11H11",
            IconName::Switch => "M2 5.5h12v5H2zM4.5 8v.01M7 8v.01M9.5 8v.01M12 8v.01",
            IconName::Tunnel => {
                "M2.5 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4M13.5 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4M4.5 7h7M4.5 9h7"
            }
            IconName::Wifi => {
                "M1.5 6a9.2 9.2 0 0 1 13 0M3.8 8.3a6 6 0 0 1 8.4 0M6 10.6a2.8 2.8 0 0 1 4 0M8 13v.01"
            }
            IconName::Search => "M3 7a4 4 0 1 0 8 0 4 4 0 1 0-8 0M10 10l3.5 3.5",
            IconName::Up => "M8 13V3M4 7l4-4 4 4",
            IconName::User => "M5.5 5a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0M3 13.5c.5-3 2.5-4 5-4s4.5 1 5 4",
            IconName::Users => {
                "M4 5.5a2 2 0 1 0 4 0 2 2 0 1 0-4 0M2 13c.3-2.5 1.8-3.5 4-3.5s3.7 1 4 3.5M10 3.6a2 2 0 0 1 0 3.8M11.5 9.7c1.5.4 2.3 1.5 2.5 3.3"
            }
            IconName::Wrench => {
                "M13.4 4.6a3.2 3.2 0 0 1-4.2 4l-4.4 4.5a1.4 1.4 0 0 1-2-2l4.5-4.4a3.2 3.2 0 0 1 4-4.2L9.4 4.4l.4 1.8 1.8.4z"
            }
            IconName::Warning => "M8 2.5 14 13H2zM8 6.5v3M8 11.3v.01",
        }
    }
}

/// Decoration: the words beside it, or its button's `aria-label`, carry the meaning.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=name.path() />
        </svg>
    }
}
