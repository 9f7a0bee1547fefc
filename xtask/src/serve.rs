//! `cargo xtask serve`: the page at http://127.0.0.1:8080, for this machine only.

use std::num::NonZero;
use std::thread;

use anyhow::{Context, Result, anyhow};
use tiny_http::{Header, Response, Server, StatusCode};

use crate::bundle;
use crate::respond::{Answer, Request, answer, text};
use crate::site::Site;
use crate::steps::Steps;

/// A browser keeps six connections, and several may wait for a model at once.
const FEWEST_THREADS: usize = 8;

/// Builds the bundles and serves until the process is ended.
pub fn serve(port: u16) -> Result<()> {
    bundle::build(&mut Steps::new())?;
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        anyhow!("port {port} of 127.0.0.1 cannot be used ({error}): choose another with --port")
    })?;
    let address = server
        .server_addr()
        .to_ip()
        .context("the server has no address")?;
    println!("Vitrine is at http://{address} (Ctrl+C ends it)");

    let site = Site::of_repository();
    let threads = thread::available_parallelism()
        .map_or(0, NonZero::get)
        .max(FEWEST_THREADS);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for request in std::iter::from_fn(|| server.recv().ok()) {
                    // A visitor who goes away in the middle is no fault of ours.
                    let _ = handle(&site, request);
                }
            });
        }
    });
    Ok(())
}

fn handle(site: &Site, request: tiny_http::Request) -> std::io::Result<()> {
    let header = |name: &'static str| {
        let found = request
            .headers()
            .iter()
            .find(|header| header.field.equiv(name));
        found.map(|header| header.value.as_str())
    };
    let answer = answer(
        site,
        &Request {
            method: request.method().as_str(),
            url: request.url(),
            range: header("Range"),
            if_range: header("If-Range"),
            if_none_match: header("If-None-Match"),
        },
    );
    let answer = answer.unwrap_or_else(|error| {
        eprintln!("{}: {error:#}", request.url());
        text(500, "The file cannot be read.\n")
    });
    request.respond(response(answer))
}

fn response(answer: Answer) -> Response<Box<dyn std::io::Read + Send>> {
    let headers = answer.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Header::from_bytes(*name, value.as_bytes()).ok());
    let length = usize::try_from(answer.length).ok();
    let response = Response::new(
        StatusCode(answer.status),
        headers.collect(),
        answer.body,
        length,
        None,
    );
    // Never chunked: a page that shows progress wants to know the length.
    response.with_chunked_threshold(usize::MAX)
}
