//! `cargo xtask serve`: the page at http://127.0.0.1:8080, for this machine only.

use std::convert::Infallible;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, IF_NONE_MATCH, IF_RANGE, RANGE};
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::bundle;
use crate::respond::{Answer, Request, answer, text};
use crate::site::Site;
use crate::steps::Steps;

/// Builds the bundles and serves until the process is ended.
pub fn serve(port: u16) -> Result<()> {
    bundle::build(&mut Steps::new())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .build()?;
    runtime.block_on(listen(port))
}

async fn listen(port: u16) -> Result<()> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))
        .await
        .with_context(|| {
            format!("port {port} of 127.0.0.1 cannot be used: choose another with --port")
        })?;
    let address = listener.local_addr()?;
    println!("Vitrine is at http://{address} (Ctrl+C ends it)");

    let site = Arc::new(Site::of_repository());
    loop {
        let (stream, _) = listener.accept().await?;
        let site = site.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| handle(site.clone(), request));
            // A visitor who goes away in the middle is no fault of ours.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    site: Arc<Site>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let reading = tokio::task::spawn_blocking(move || {
        let header = |name| request.headers().get(name)?.to_str().ok();
        let url = request.uri().to_string();
        let answer = answer(
            &site,
            &Request {
                method: request.method().as_str(),
                url: &url,
                range: header(RANGE),
                if_range: header(IF_RANGE),
                if_none_match: header(IF_NONE_MATCH),
            },
        );
        let is_head = request.method() == Method::HEAD;
        answer
            .and_then(|answer| response(answer, is_head))
            .with_context(|| url)
    });
    let answered = reading.await.map_err(anyhow::Error::from).flatten();
    Ok(answered.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        response(text(500, "The file cannot be read.\n"), false).unwrap_or_default()
    }))
}

fn response(mut answer: Answer, is_head: bool) -> Result<Response<Full<Bytes>>> {
    let mut body = Vec::new();
    if !is_head {
        answer.body.read_to_end(&mut body)?;
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    // Never chunked: a page that shows progress wants to know the length, also from a HEAD.
    if answer.status != 304 {
        response = response.header(CONTENT_LENGTH, answer.length);
    }
    Ok(response.body(Full::new(Bytes::from(body)))?)
}
