//! `frontend_settings`, which clients replace as a whole, in terms of native patches (RFC 7396).

use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// The patch that makes `to` of `from`. A member that is null is none: natively that takes it away.
pub(super) fn patch(from: &Members, to: Members) -> Members {
    let to = without_nulls(to);
    let mut patch = Members::new();
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, value) in to {
        match (from.get(&name), value) {
            (Some(present), value) if *present == value => {}
            (Some(Value::Object(from)), Value::Object(to)) => {
                patch.insert(name, Value::Object(self::patch(from, to)));
            }
            (_, value) => {
                patch.insert(name, value);
            }
        }
    }
    patch
}

fn without_nulls(members: Members) -> Members {
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    known.map(|(name, value)| (name, clean(value))).collect()
}

fn clean(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(without_nulls(members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::text::Document;

    fn members(value: &Value) -> Members {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_patch_leads_from_one_document_to_the_other() {
        let documents = [
            json!({}),
            json!({"a": 1}),
            json!({"a": 1, "b": {"c": [1, null], "d": {}}}),
            json!({"b": {"d": {"e": true}}, "f": "x"}),
            json!({"b": 7}),
            json!({"b": {}}),
            json!({"b": [{"c": null}]}),
        ];
        for from in &documents {
            for to in &documents {
                let before = Document::new(members(from)).unwrap();
                let patch = patch(&members(from), members(to));
                let same = from == to;
                assert_eq!(patch.is_empty(), same, "{from} {to}");
                let after = before.merge(patch).unwrap();
                assert_eq!(serde_json::from_str::<Value>(after.as_json()).unwrap(), *to);
            }
        }
    }

    #[test]
    fn what_is_null_is_not_there() {
        let to = json!({"a": null, "b": {"c": null, "d": [null]}});
        let patch = patch(&members(&json!({"a": 1, "b": {"c": 1}})), members(&to));
        assert_eq!(Value::Object(patch), json!({"a": null, "b": {"c": null, "d": [null]}}));
        let patch = self::patch(&Members::new(), members(&to));
        assert_eq!(Value::Object(patch), json!({"b": {"d": [null]}}));
    }
}
