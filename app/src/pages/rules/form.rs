//! What the rule form holds while it is being filled in, and the draft it becomes. Pure.

use model::*;

/// Bits per second of what people type for rates.
const MBIT: f64 = 1e6;

/// The whole form, as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub name: String,
    pub is_enabled: bool,
    pub severity: Severity,
    /// The state it is about; a number when there is none.
    pub state: Option<IncidentKind>,
    pub every: String,
    pub measure: Measure,
    pub subject: String,
    pub side: Side,
    pub against: Against,
    pub limit: String,
    pub clear: String,
    pub least: String,
    pub unless_usual: bool,
    /// In minutes.
    pub lasts: String,
    pub cool_down: String,
    pub kinds: Vec<DeviceKind>,
    pub tags: Vec<String>,
    pub sites: Vec<String>,
    pub devices: Vec<String>,
}

impl Form {
    pub fn empty() -> Self {
        Self {
            name: String::new(),
            is_enabled: true,
            severity: Severity::Warning,
            state: None,
            every: Event::EVERY.to_string(),
            measure: Measure::CpuLoad,
            subject: String::new(),
            side: Side::Above,
            against: Against::Limit,
            limit: String::new(),
            clear: String::new(),
            least: String::new(),
            unless_usual: false,
            lasts: lasts_default(None).to_owned(),
            cool_down: "30".to_owned(),
            kinds: Vec::new(),
            tags: Vec::new(),
            sites: Vec::new(),
            devices: Vec::new(),
        }
    }

    /// Makes it about another thing. How long that lasts follows, unless somebody typed it.
    pub fn be_about(&mut self, state: Option<IncidentKind>) {
        if self.lasts == lasts_default(self.state) {
            lasts_default(state).clone_into(&mut self.lasts);
        }
        self.state = state;
    }

    /// The form of a rule that exists.
    pub fn of(draft: &RuleDraft) -> Self {
        let RuleScope { kinds, tags, sites, devices } = draft.scope.clone();
        let form = Self {
            name: draft.name.clone(),
            is_enabled: draft.enabled,
            severity: draft.severity,
            lasts: typed(f64::from(draft.for_s) / 60.0),
            cool_down: typed(f64::from(draft.cool_down_s) / 60.0),
            kinds,
            tags,
            sites,
            devices,
            ..Self::empty()
        };
        match &draft.about {
            About::State(event) => Self { state: Some(event.state), every: event.every.to_string(), ..form },
            About::Number(condition) => {
                let Condition { measure, side, against, unless_usual, .. } = *condition;
                let unit = if against == Against::Limit { unit(measure) } else { 1.0 };
                let shown = |number: f64| typed(number / unit);
                Self {
                    measure,
                    subject: condition.subject.clone().unwrap_or_default(),
                    side,
                    against,
                    unless_usual,
                    limit: if side == Side::Missing { String::new() } else { shown(condition.limit) },
                    clear: condition.clear.map(shown).unwrap_or_default(),
                    least: condition
                        .usual_least
                        .map(|least| typed(least / self::unit(measure)))
                        .unwrap_or_default(),
                    ..form
                }
            }
        }
    }

    /// What is asked for; the fields that are no numbers, named as in the API, when there are some.
    pub fn draft(&self) -> Result<RuleDraft, Vec<FieldError>> {
        let mut errors = Vec::new();
        let about = match self.state {
            Some(state) => {
                let mut every = Event::EVERY;
                if state == IncidentKind::Reconnects {
                    match self.every.trim().parse::<u32>() {
                        Ok(typed) => every = typed,
                        Err(_) => {
                            let why = "must be a whole number";
                            errors.push(FieldError::new("condition.every", "error_number", why));
                        }
                    }
                }
                About::State(Event { state, every })
            }
            None => About::Number(self.condition(&mut errors)),
        };
        let mut seconds = |text: &str, field: &str| {
            let minutes = number(text).unwrap_or(Some(f64::NAN)).unwrap_or(0.0);
            if !(0.0..=f64::from(RULE_SECONDS_MAX) / 60.0).contains(&minutes) {
                errors.push(FieldError::new(field, "error_out_of_range", "must be a number of minutes"));
                return 0;
            }
            (minutes * 60.0).round() as u32
        };
        // What is not asked for is not looked at.
        let lasts = self.state.is_none_or(|state| Event::new(state).lasts());
        let for_s = if lasts { seconds(&self.lasts, "for_seconds") } else { 0 };
        let cool_down_s =
            if self.state.is_none() { seconds(&self.cool_down, "cool_down_seconds") } else { 0 };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(RuleDraft {
            name: self.name.trim().to_owned(),
            enabled: self.is_enabled,
            severity: self.severity,
            about,
            scope: RuleScope {
                kinds: self.kinds.clone(),
                tags: self.tags.clone(),
                sites: self.sites.clone(),
                devices: self.devices.clone(),
            },
            for_s,
            cool_down_s,
        })
    }

    fn condition(&self, errors: &mut Vec<FieldError>) -> Condition {
        let mut take = |text: &str, unit: f64, field: &str| match number(text) {
            Ok(typed) => typed.map(|number| number * unit),
            Err(()) => {
                errors.push(FieldError::new(field, "error_number", "must be a number"));
                None
            }
        };
        let is_missing = self.side == Side::Missing;
        let against = if is_missing { Against::Limit } else { self.against };
        let unit_of_limit = if against == Against::Limit { unit(self.measure) } else { 1.0 };
        let (mut limit, mut clear, mut least) = (Some(0.0), None, None);
        if !is_missing {
            limit = take(&self.limit, unit_of_limit, "condition.limit");
            clear = take(&self.clear, unit_of_limit, "condition.clear");
        }
        if against != Against::Limit {
            least = take(&self.least, unit(self.measure), "condition.usual_least");
        }
        if limit.is_none() && !errors.iter().any(|error| error.field == "condition.limit") {
            errors.push(FieldError::new("condition.limit", "error_required", "is required"));
        }
        let subject = self.subject.trim();
        Condition {
            measure: self.measure,
            subject: (!subject.is_empty()).then(|| subject.to_owned()),
            side: self.side,
            limit: limit.unwrap_or(0.0),
            clear,
            against,
            usual_least: least,
            unless_usual: self.unless_usual && against == Against::Limit && !is_missing,
        }
    }
}

/// For how many minutes it must be so at first: numbers jump, states are sure when they come.
fn lasts_default(state: Option<IncidentKind>) -> &'static str {
    if state.is_none() { "10" } else { "0" }
}

/// What of a measure one typed unit is.
pub fn unit(measure: Measure) -> f64 {
    if matches!(measure, Measure::RxRate | Measure::TxRate) { MBIT } else { 1.0 }
}

/// The unit that people type in.
pub fn unit_word(measure: Measure) -> &'static str {
    match measure {
        Measure::RoundTrip => "ms",
        Measure::CpuLoad | Measure::MemoryUse => "%",
        Measure::Temperature => "°C",
        Measure::Voltage => "V",
        Measure::RxRate | Measure::TxRate => "Mbit/s",
    }
}

/// Nothing where nothing was typed. A comma is as good as a dot.
fn number(text: &str) -> Result<Option<f64>, ()> {
    match text.trim().replace(',', ".") {
        text if text.is_empty() => Ok(None),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Some).ok_or(()),
    }
}

/// At most four digits behind the dot, and no noughts at the end.
fn typed(number: f64) -> String {
    let rounded = (number * 10_000.0).round() / 10_000.0;
    rounded.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(about: About) -> RuleDraft {
        RuleDraft {
            name: "a rule".to_owned(),
            enabled: true,
            severity: Severity::Info,
            about,
            scope: RuleScope { sites: vec!["Bekasi".to_owned()], ..RuleScope::default() },
            for_s: 90,
            cool_down_s: 1_800,
        }
    }

    #[test]
    fn what_is_stored_fills_the_form_and_comes_out_of_it_again() {
        let rate = Condition {
            subject: Some("ether1".to_owned()),
            clear: Some(7.25e7),
            unless_usual: true,
            ..Condition::new(Measure::RxRate, Side::Above, 8e7)
        };
        let fall = Condition {
            against: Against::SameHour,
            usual_least: Some(2e6),
            ..Condition::new(Measure::TxRate, Side::Below, 50.0)
        };
        let missing = Condition::new(Measure::Voltage, Side::Missing, 0.0);
        for condition in [rate, fall, missing] {
            let draft = draft(About::Number(condition));
            assert_eq!(Form::of(&draft).draft().unwrap(), draft);
        }
        let down = RuleDraft { cool_down_s: 0, ..draft(About::State(Event::new(IncidentKind::Degraded))) };
        assert_eq!(Form::of(&down).draft().unwrap(), down);
        let lost = About::State(Event { state: IncidentKind::Reconnects, every: 7 });
        let lost = RuleDraft { for_s: 0, cool_down_s: 0, ..draft(lost) };
        assert_eq!(Form::of(&lost).draft().unwrap(), lost);
    }

    #[test]
    fn how_long_it_lasts_follows_what_it_is_about_unless_it_was_typed() {
        let mut form = Form::empty();
        form.be_about(Some(IncidentKind::Down));
        assert_eq!(form.lasts, "0");
        form.be_about(None);
        assert_eq!(form.lasts, "10");
        form.lasts = "3".to_owned();
        form.be_about(Some(IncidentKind::Down));
        assert_eq!(form.lasts, "3");
    }

    #[test]
    fn what_is_no_number_is_said_at_its_field() {
        let form = Form { limit: "ninety".to_owned(), clear: "1,5".to_owned(), ..Form::empty() };
        let errors = form.draft().unwrap_err();
        assert_eq!(errors.iter().map(|error| &*error.field).collect::<Vec<_>>(), ["condition.limit"]);
        let errors = Form { lasts: "-1".to_owned(), ..Form::empty() }.draft().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| &*error.field).collect();
        assert_eq!(fields, ["condition.limit", "for_seconds"]);
    }

    #[test]
    fn what_is_not_asked_for_is_not_judged_and_a_count_that_is_none_is_said_at_its_field() {
        let junk = || "many".to_owned();
        let hidden = Form { lasts: junk(), cool_down: junk(), every: junk(), ..Form::empty() };
        let of = |state| Form { state: Some(state), ..hidden.clone() }.draft();
        assert!(of(IncidentKind::Rebooted).is_ok());
        let fields = |errors: Vec<FieldError>| -> Vec<String> {
            errors.iter().map(|error| error.field.to_string()).collect()
        };
        assert_eq!(fields(of(IncidentKind::Down).unwrap_err()), ["for_seconds"]);
        assert_eq!(fields(of(IncidentKind::Reconnects).unwrap_err()), ["condition.every"]);
    }
}
