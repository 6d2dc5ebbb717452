//! Places inside an object.

use std::fmt;

use serde_json::Value as Json;

/// One step into an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field.
    Key(String),
    /// An item.
    Index(usize),
}

/// A place inside an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(pub Vec<Step>);

impl Place {
    /// The place inside it.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The place around it, and the last step.
    #[must_use]
    pub fn parent(&self) -> Option<(Self, &Step)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.to_vec()), last))
    }

    /// The key of the last step, or of the list that the item is in.
    #[must_use]
    pub fn key(&self) -> &str {
        let keys = self.0.iter().rev();
        keys.filter_map(|s| if let Step::Key(key) = s { Some(key.as_str()) } else { None }).next().unwrap_or_default()
    }

    /// What stands there.
    #[must_use]
    pub fn of<'a>(&self, object: &'a Json) -> Option<&'a Json> {
        self.0.iter().try_fold(object, |at, step| match step {
            Step::Key(key) => at.get(key),
            Step::Index(index) => at.get(index),
        })
    }

    /// What stands there, to change it.
    pub fn of_mut<'a>(&self, object: &'a mut Json) -> Option<&'a mut Json> {
        self.0.iter().try_fold(object, |at, step| match step {
            Step::Key(key) => at.get_mut(key),
            Step::Index(index) => at.get_mut(index),
        })
    }

    /// The same for whatever item of each list: `spec.containers[].name`.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.shown(|_| "[]".to_owned())
    }

    fn shown(&self, index: impl Fn(usize) -> String) -> String {
        let mut out = String::new();
        for step in &self.0 {
            match step {
                Step::Key(key) if out.is_empty() => out.push_str(key),
                Step::Key(key) => {
                    out.push('.');
                    out.push_str(key);
                }
                Step::Index(i) => out.push_str(&index(*i)),
            }
        }
        out
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(|i| format!("[{i}]")))
    }
}

/// Every place inside an object, the outermost first; not the object itself.
#[must_use]
pub fn places(object: &Json) -> Vec<Place> {
    fn walk(value: &Json, at: &Place, out: &mut Vec<Place>) {
        let mut inside = |step: Step, value: &Json| {
            let place = at.then(step);
            out.push(place.clone());
            walk(value, &place, out);
        };
        match value {
            Json::Object(entries) => entries.iter().for_each(|(key, value)| inside(Step::Key(key.clone()), value)),
            Json::Array(items) => items.iter().enumerate().for_each(|(i, value)| inside(Step::Index(i), value)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(object, &Place::default(), &mut out);
    out
}
