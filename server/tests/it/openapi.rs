//! The description of the REST interface is whole, and true.

use crate::fixture::App;
use serde_json::Value;
use server::web::{
    policy::{Kind, RULES},
    rest,
};

fn description() -> Value {
    serde_json::to_value(rest::description()).unwrap()
}

#[test]
fn every_rest_route_is_described_with_its_answers() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    for rule in RULES.iter().filter(|rule| rule.kind == Kind::Rest && rule.path != rest::DESCRIPTION) {
        let operation = &description["paths"][rule.path][rule.method.to_lowercase()];
        let about = format!("{} {}", rule.method, rule.path);
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{about} has no summary");
        assert!(!operation["responses"].as_object().unwrap().is_empty(), "{about} has no answers");
    }
}

#[test]
fn every_route_says_how_it_may_refuse() {
    for (path, methods) in description()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let about = format!("{method} {path}");
            let answers = &operation["responses"];
            let mut expected = vec!["400", "429", "500", "503"];
            if path != "/health" {
                expected.extend(["401", "403"]);
            }
            if operation.get("requestBody").is_some() {
                expected.extend(["413", "415"]);
            }
            for status in expected {
                assert!(answers.get(status).is_some(), "{about} does not say {status}");
            }
            assert_eq!(
                answers["500"]["content"]["application/json"]["schema"]["$ref"],
                "#/components/schemas/ErrorBody"
            );
        }
    }
}

#[tokio::test]
async fn whoever_asks_by_the_wrong_method_is_told_the_right_ones() {
    let app = App::start().await;
    let admin = app.admin().await;
    for (path, expected) in [
        ("/health", "GET, HEAD"),
        ("/api/devices/1", "GET, HEAD, PUT, DELETE"),
        ("/admin/reload-routers", "POST"),
    ] {
        let answer = crate::fixture::Answer::of(admin.request(reqwest::Method::PATCH, path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, expected), "{path}");
    }
    assert_eq!(admin.get("/api/refresh").await.has_status(405).header("allow"), "POST");
}

#[test]
fn every_reference_leads_somewhere() {
    let description = description();
    let mut references = Vec::new();
    collect(&description, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            references.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| collect(value, references));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
fn every_path_parameter_is_declared() {
    for (path, methods) in description()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let declared: Vec<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let named: Vec<&str> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(declared, named, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_description_is_served_as_it_is_made() {
    let app = App::start().await;
    let served = app.viewer().await.get(rest::DESCRIPTION).await.accepted();
    assert_eq!(served.json(), description());
}
