use crate::{DurationText, Fault, parse_duration};
use std::fmt;
use std::time::Duration;

/// One written value: a literal of an attribute, or a value of a settings file.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string, or a suffixed literal such as `250ms` or `1s..10s`.
    Text(String),
    /// A bare word such as `unlimited`.
    Word(String),
    /// A whole number.
    Int(i128),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
}

impl Value {
    /// The value as a whole number from 0 to `u32::MAX`.
    ///
    /// # Errors
    ///
    /// Says what was written instead of a number.
    pub fn count(&self) -> Result<u32, Fault> {
        let Self::Int(number) = *self else {
            return Err(Fault::quoting(format!(
                "expected a whole number, found {self}{}",
                self.unquoted_number()
            )));
        };
        if number < 0 {
            return Err(Fault::quoting(format!("`{number}` is negative: write 0 or more")));
        }
        u32::try_from(number).map_err(|_| {
            Fault::quoting(format!("`{number}` is too large: the most is {}", u32::MAX))
        })
    }

    /// The value as a duration.
    ///
    /// # Errors
    ///
    /// Says what is missing, usually the unit.
    pub fn duration(&self) -> Result<Duration, Fault> {
        match self {
            Self::Text(text) | Self::Word(text) => parse_duration(text),
            Self::Int(number) if *number < 0 => Err(Fault::quoting(format!(
                "`{number}` is negative: write a duration of 0 or more, such as \"250ms\""
            ))),
            Self::Int(number) => Err(no_unit(number)),
            Self::Float(number) => Err(no_unit(number)),
            Self::Bool(_) => Err(Fault::quoting(format!(
                "expected a duration such as \"250ms\" or \"1m30s\", found {self}"
            ))),
        }
    }

    /// The value as `true` or `false`.
    ///
    /// # Errors
    ///
    /// Says what was written instead.
    pub fn flag(&self) -> Result<bool, Fault> {
        match self {
            Self::Bool(flag) => Ok(*flag),
            Self::Text(text) if matches!(text.trim(), "true" | "false") => {
                let text = text.trim();
                Err(Fault::quoting(format!("{self} is a string: write {text} without the quotes")))
            }
            other => Err(Fault::quoting(format!("expected `true` or `false`, found {other}"))),
        }
    }

    /// What to say of a number in quotes.
    pub(crate) fn unquoted_number(&self) -> String {
        match self {
            Self::Text(text) if text.trim().parse::<f64>().is_ok() => {
                format!(": write {} without the quotes", text.trim())
            }
            _ => String::new(),
        }
    }

    /// The value as one would write it.
    pub fn literal(&self) -> String {
        match self {
            Self::Text(text) => format!("\"{}\"", text.escape_debug()),
            Self::Word(word) => word.clone(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Bool(flag) => flag.to_string(),
        }
    }

    /// The value of a text that has no quotes around it, such as that of a variable of the
    /// environment: a number or a flag if it reads as one.
    pub fn bare(text: &str) -> Self {
        let text = text.trim();
        let digits = text.trim_start_matches(['-', '+']);
        let number = digits.starts_with(|first: char| first.is_ascii_digit());
        match text {
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            _ if number && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                let beyond = if text.starts_with('-') { i128::MIN } else { i128::MAX };
                Self::Int(text.parse().unwrap_or(beyond))
            }
            _ if number => text.parse().map_or_else(|_| Self::Text(text.to_owned()), Self::Float),
            _ => match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                Some(quoted) => Self::Text(quoted.to_owned()),
                None => Self::Text(text.to_owned()),
            },
        }
    }

    /// The text of a string or a bare word.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }
}

fn no_unit(number: &dyn fmt::Display) -> Fault {
    Fault::quoting(format!(
        "`{number}` has no unit: write \"{number}ms\", \"{number}s\" or \"{number}m\""
    ))
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Int(number) => write!(f, "`{number}`"),
            Self::Float(number) => write!(f, "`{number:?}`"),
            Self::Bool(flag) => write!(f, "`{flag}`"),
        }
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Int(i128::from(number))
            }
        }
    )*};
}

whole_numbers!(i8, i16, i32, i64, u8, u16, u32, u64);

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Text(DurationText(duration).to_string())
    }
}
