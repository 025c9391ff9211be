//! Reads the named values of one entry, and refuses each that is wrong or unknown by its name.

use model::FieldError;
use serde_json::{Map, Value};

/// What is left to read of an entry, and what was wrong so far.
pub struct Fields {
    left: Map<String, Value>,
    /// Put before every field's name in a refusal, such as `routeros.`.
    within: String,
    errors: Vec<FieldError>,
}

impl Fields {
    pub fn new(values: Map<String, Value>) -> Self {
        Self { left: values, within: String::new(), errors: Vec::new() }
    }

    /// The same for a value that should hold named values.
    pub fn of(value: Value) -> Self {
        let mut fields = Self::new(Map::new());
        match value {
            Value::Object(values) => fields.left = values,
            _ => fields.refuse("", "error_form", "must be an object with named values"),
        }
        fields
    }

    pub fn refuse(&mut self, name: &str, code: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(format!("{}{name}", self.within), code, message));
    }

    /// An absent value; an empty cell and `null` are absent too.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong(name, "must be text"),
        }
    }

    pub fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.missing(name);
            String::new()
        })
    }

    /// Refuses the absence of a value, unless the value was there and was refused already.
    pub fn missing(&mut self, name: &str) {
        let field = format!("{}{name}", self.within);
        if self.errors.iter().all(|error| error.field != field) {
            self.refuse(name, "error_required", "is required");
        }
    }

    /// Puts a value back under another name.
    pub fn put(&mut self, name: &str, value: Value) {
        self.left.insert(name.to_owned(), value);
    }

    /// Everything that is left, whatever its name.
    pub fn rest(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.left)
    }

    /// A whole number of `range`, as a number or as its digits.
    pub fn number(&mut self, name: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let number = match self.take(name)? {
            Value::Number(number) => number.as_u64(),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        };
        let fits =
            number.and_then(|number| u32::try_from(number).ok()).filter(|number| range.contains(number));
        fits.or_else(|| {
            self.wrong(name, &format!("must be a whole number, {} to {}", range.start(), range.end()))
        })
    }

    pub fn port(&mut self, name: &str) -> Option<u16> {
        self.number(name, 1..=65_535).and_then(|port| u16::try_from(port).ok())
    }

    pub fn switch(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(switch) => Some(switch),
            Value::String(word) => match word.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => self.wrong(name, "must be true or false"),
            },
            _ => self.wrong(name, "must be true or false"),
        }
    }

    /// A word that `parse` knows.
    pub fn word<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>, known: &str) -> Option<T> {
        let word = self.text(name)?;
        parse(&word).or_else(|| self.wrong(name, &format!("must be one of {known}")))
    }

    pub fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Array(values) => Some(values),
            _ => self.wrong(name, "must be a list"),
        }
    }

    /// A list that must be there: nothing at all is none.
    pub fn required_list(&mut self, name: &str) -> Vec<Value> {
        match self.left.remove(name) {
            Some(Value::Array(values)) => values,
            _ => self.wrong(name, "must be a list").unwrap_or_default(),
        }
    }

    /// Reads a value that has named values itself; what is wrong in it is named `name.field`.
    pub fn inside<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields) -> T) -> Option<T> {
        let value = self.take(name)?;
        let mut inner = Fields { within: format!("{}{name}.", self.within), ..Fields::of(value) };
        if let Some(error) = inner.errors.first_mut() {
            error.field = format!("{}{name}", self.within);
        }
        let read = read(&mut inner);
        self.errors.extend(inner.finish());
        Some(read)
    }

    /// What was wrong, and every value that nobody asked for.
    pub fn finish(mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = self.left.keys().cloned().collect();
        for name in unknown {
            self.refuse(&printable(&name), "error_unknown_field", "is not a field of this file");
        }
        self.errors
    }

    fn wrong<T>(&mut self, name: &str, message: &str) -> Option<T> {
        self.refuse(name, "error_form", message);
        None
    }
}

/// A name from a file, fit for a terminal: a line, and not a long one.
pub fn printable(text: &str) -> String {
    text.chars().take(64).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}
