//! What the form of a window holds while it is being filled in, and the draft it becomes. Pure.

use model::*;

/// The whole form, as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub kind: QuietKind,
    pub title: String,
    /// `2026-11-29T02:00`
    pub starts: String,
    pub hours: String,
    pub minutes: String,
    /// `once`, `daily`, `weekly` or `monthly`.
    pub repeats: String,
    pub weekdays: Vec<Weekday>,
    pub month_day: String,
    pub last_day: String,
    pub zone: String,
    /// Whether it is about all devices.
    pub is_all: bool,
    pub kinds: Vec<DeviceKind>,
    pub sites: Vec<String>,
    pub tags: Vec<String>,
    pub devices: Vec<String>,
    /// What is about no devices stays what it is about.
    pub other: Option<QuietAbout>,
}

impl Form {
    /// A maintenance of two hours that begins then.
    pub fn empty(starts: String, zone: String) -> Self {
        Self {
            kind: QuietKind::Maintenance,
            title: String::new(),
            starts,
            hours: "2".to_owned(),
            minutes: String::new(),
            repeats: "once".to_owned(),
            weekdays: Vec::new(),
            month_day: String::new(),
            last_day: String::new(),
            zone,
            is_all: false,
            kinds: Vec::new(),
            sites: Vec::new(),
            tags: Vec::new(),
            devices: Vec::new(),
            other: None,
        }
    }

    /// The form of one that exists.
    pub fn of(quiet: &Quiet) -> Self {
        let QuietDraft { kind, title, about, plan } = &quiet.draft;
        let number = |number: u32| if number == 0 { String::new() } else { number.to_string() };
        let (repeats, weekdays, month_day) = match &plan.recurs {
            Recurs::Once => ("once", Vec::new(), String::new()),
            Recurs::Daily => ("daily", Vec::new(), String::new()),
            Recurs::Weekly(days) => ("weekly", days.clone(), String::new()),
            Recurs::Monthly(day) => ("monthly", Vec::new(), day.to_string()),
        };
        let (scope, other) = match about {
            QuietAbout::Devices(scope) => (scope.clone(), None),
            other => (RuleScope::default(), Some(other.clone())),
        };
        Self {
            kind: *kind,
            title: title.clone(),
            starts: plan.starts.clone(),
            hours: number(plan.minutes / 60),
            minutes: number(plan.minutes % 60),
            repeats: repeats.to_owned(),
            weekdays,
            month_day,
            last_day: plan.last_day.clone().unwrap_or_default(),
            zone: plan.zone.clone(),
            is_all: scope == RuleScope::default(),
            kinds: scope.kinds,
            sites: scope.sites,
            tags: scope.tags,
            devices: scope.devices,
            other,
        }
    }

    /// What to send, or everything wrong that can be seen without the server.
    pub fn draft(&self) -> Result<QuietDraft, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut read = |text: &str, field: &str| {
            let text = text.trim();
            let number = if text.is_empty() { Some(0) } else { text.parse::<u32>().ok() };
            if number.is_none() {
                errors.push(FieldError::new(field, "error_number", "must be a whole number"));
            }
            number.unwrap_or(0)
        };
        let month_day = if self.repeats == "monthly" { read(&self.month_day, "month_day") } else { 0 };
        let minutes = read(&self.minutes, "minutes");
        let of_hours = minutes_of(&self.hours).unwrap_or_else(|| {
            errors.push(FieldError::new("minutes", "error_number", "must be a number"));
            0
        });
        let recurs = match self.repeats.as_str() {
            "daily" => Recurs::Daily,
            "weekly" => Recurs::Weekly(self.weekdays.clone()),
            "monthly" => Recurs::Monthly(u8::try_from(month_day).unwrap_or(u8::MAX)),
            _ => Recurs::Once,
        };
        let scope = if self.is_all {
            RuleScope::default()
        } else {
            let (kinds, tags) = (self.kinds.clone(), self.tags.clone());
            RuleScope { kinds, tags, sites: self.sites.clone(), devices: self.devices.clone() }
        };
        if !self.is_all && self.other.is_none() && scope == RuleScope::default() {
            errors.push(FieldError::new("scope", "error_required", "must name devices"));
        }
        let last_day = self.last_day.trim();
        let draft = QuietDraft {
            kind: self.kind,
            title: self.title.trim().to_owned(),
            about: self.other.clone().unwrap_or(QuietAbout::Devices(scope)),
            plan: QuietPlan {
                zone: self.zone.trim().to_owned(),
                starts: self.starts.trim().to_owned(),
                minutes: of_hours.saturating_add(minutes),
                last_day: (!last_day.is_empty() && recurs != Recurs::Once).then(|| last_day.to_owned()),
                recurs,
            },
        };
        errors.extend(draft.errors());
        if errors.is_empty() { Ok(draft) } else { Err(errors) }
    }
}

/// The whole minutes of hours as people type them: `2`, `1.5`, `0,5`; none where nothing was typed.
fn minutes_of(hours: &str) -> Option<u32> {
    let text = hours.trim().replace(',', ".");
    if text.is_empty() {
        return Some(0);
    }
    let minutes = (text.parse::<f64>().ok()? * 60.0).round();
    let is_one = (0.0..=f64::from(u32::MAX)).contains(&minutes);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    is_one.then_some(minutes as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Form {
        Form {
            title: " Upgrade ".to_owned(),
            tags: vec!["core".to_owned()],
            ..Form::empty("2026-11-29T02:00".to_owned(), "Asia/Jakarta".to_owned())
        }
    }

    fn check(form: &Form, expected: Result<(u32, Recurs), &[&str]>) {
        let made = form.draft().map(|draft| (draft.plan.minutes, draft.plan.recurs));
        let fields =
            |errors: Vec<FieldError>| errors.into_iter().map(|error| error.field).collect::<Vec<_>>();
        let expected = expected.map_err(|fields| fields.iter().map(|&field| field.to_owned()).collect());
        assert_eq!(made.map_err(fields), expected, "{form:?}");
    }

    #[test]
    fn a_form_becomes_the_draft_that_it_was_made_from_or_says_at_which_field_it_cannot() {
        check(&filled(), Ok((120, Recurs::Once)));
        check(&Form { minutes: "30".to_owned(), ..filled() }, Ok((150, Recurs::Once)));
        let lasts = |hours: &str, minutes: &str| Form {
            hours: hours.to_owned(),
            minutes: minutes.to_owned(),
            ..filled()
        };
        check(&lasts("0,5", ""), Ok((30, Recurs::Once)));
        check(&lasts("1.25", "5"), Ok((80, Recurs::Once)));
        check(&lasts("", "45"), Ok((45, Recurs::Once)));
        for nonsense in ["half", "-1", "NaN", "inf", "1e99"] {
            check(&lasts(nonsense, "45"), Err(&["minutes"]));
        }
        let weekly = Form { repeats: "weekly".to_owned(), ..filled() };
        check(&weekly, Err(&["weekdays"]));
        let days = vec![Weekday::Sun];
        check(&Form { weekdays: days.clone(), ..weekly }, Ok((120, Recurs::Weekly(days))));
        let monthly =
            |day: &str| Form { repeats: "monthly".to_owned(), month_day: day.to_owned(), ..filled() };
        check(&monthly("31"), Ok((120, Recurs::Monthly(31))));
        check(&monthly("32"), Err(&["month_day"]));
        check(&monthly("x"), Err(&["month_day", "month_day"]));
        check(&Form { title: " ".to_owned(), ..filled() }, Err(&["title"]));
        check(&Form { hours: "0".to_owned(), ..filled() }, Err(&["minutes"]));
        check(&Form { tags: Vec::new(), ..filled() }, Err(&["scope"]));
        check(&Form { tags: Vec::new(), is_all: true, ..filled() }, Ok((120, Recurs::Once)));
    }

    #[test]
    fn one_that_exists_is_typed_as_it_is_stored() {
        let draft = Form { minutes: "5".to_owned(), ..filled() }.draft().unwrap();
        let quiet = Quiet {
            id: QuietId(1),
            draft: draft.clone(),
            made_by: "ani".to_owned(),
            made_at: Timestamp(0),
            current: None,
            next: None,
            devices: None,
            of: None,
            ended_at: None,
        };
        assert_eq!(Form::of(&quiet).draft(), Ok(draft));
    }
}
