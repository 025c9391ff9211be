//! The answers that any route may give, described once for all of them.

use crate::web::error::ErrorBody;
use utoipa::{
    Modify, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{HttpMethod, Operation},
        schema::Type,
        security::SecurityRequirement,
    },
};

/// Adds to every route what it may answer besides its own answers.
pub struct Common;

impl Modify for Common {
    fn modify(&self, openapi: &mut OpenApi) {
        let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
        ErrorBody::schemas(&mut schemas);
        openapi.components.get_or_insert_default().schemas.extend(schemas);
        for item in openapi.paths.paths.values_mut() {
            let operations = [
                (HttpMethod::Get, &mut item.get),
                (HttpMethod::Post, &mut item.post),
                (HttpMethod::Put, &mut item.put),
                (HttpMethod::Delete, &mut item.delete),
            ];
            for (method, operation) in operations {
                if let Some(operation) = operation {
                    describe(&method, operation);
                }
            }
        }
    }
}

fn describe(method: &HttpMethod, operation: &mut Operation) {
    let anybody = SecurityRequirement::default();
    let is_open = operation.security.as_ref().is_some_and(|ways| ways.contains(&anybody));
    let is_change = !matches!(method, HttpMethod::Get);
    let mut add = |status: &str, what: &str, header: Option<&str>| {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| error(what, header).into());
    };
    add("400", "The request cannot be read, or a value in it is refused", None);
    if !is_open {
        add("401", "Neither a session nor a token, or one that has ended", Some("WWW-Authenticate"));
        add(
            "403",
            "The account or token may not do this, the session's password was given too long ago for it, or its \
             request came from no page of this server",
            None,
        );
    } else if is_change {
        add("403", "The request came from no page of this server", None);
    }
    if operation.request_body.is_some() {
        add("413", "The body is larger than a mebibyte", None);
        add("415", "The body is not JSON", None);
    }
    add("429", "Too many tries or too many at once", Some("Retry-After"));
    add("500", "A fault of the server's", None);
    add(
        "503",
        "The database does not answer (`unavailable`), its disk is full (`disk_full`), or the answer took too long",
        None,
    );
}

fn error(what: &str, header: Option<&str>) -> Response {
    let body = Ref::from_schema_name(ErrorBody::name());
    let content = ContentBuilder::new().schema(Some(RefOr::Ref(body))).build();
    let mut response = ResponseBuilder::new().description(what).content("application/json", content);
    if let Some(name) = header {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        response = response.header(name, HeaderBuilder::new().schema(Some(text)).build());
    }
    response.build()
}
