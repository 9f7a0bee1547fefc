//! What the server answers to one request for the site, apart from any connection: status,
//! headers, and which bytes of which file.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::range::{Part, part};
use crate::site::{Site, media_type};

/// What of a request matters.
#[derive(Default)]
pub struct Request<'a> {
    pub method: &'a str,
    /// Path and query.
    pub url: &'a str,
    pub range: Option<&'a str>,
    pub if_range: Option<&'a str>,
    pub if_none_match: Option<&'a str>,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    /// The length that a GET's body has, also when this is the answer to a HEAD.
    pub length: u64,
    /// The body; the connection leaves it out for HEAD.
    pub body: Box<dyn Read + Send>,
}

/// Sent with everything: the page is isolated, so that it may use threads, and may be embedded by
/// no one else's; a changed file is asked for again, an unchanged one answered by 304.
const ALWAYS: &[(&str, &str)] = &[
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-cache"),
    ("Accept-Ranges", "bytes"),
];

/// # Errors
/// When a file of the site cannot be read.
pub fn answer(site: &Site, request: &Request) -> Result<Answer> {
    if !matches!(request.method, "GET" | "HEAD") {
        let mut answer = text(405, "This server answers GET and HEAD only.\n");
        answer.headers.push(("Allow", "GET, HEAD".into()));
        return Ok(answer);
    }
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    let Some(file) = site.file(path) else {
        return Ok(text(404, "There is no such file.\n"));
    };
    let metadata = fs::metadata(&file)?;
    let length = metadata.len();
    let changed = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let etag = format!("\"{:x}-{length:x}\"", changed.as_nanos());

    let known = |tags: &str| {
        tags.split(',')
            .any(|tag| tag.trim() == etag || tag.trim() == "*")
    };
    if request.if_none_match.is_some_and(known) {
        let mut answer = text(304, "");
        answer.headers.push(("ETag", etag));
        return Ok(answer);
    }
    let (status, first, count) = match part(request.range, request.if_range, &etag, length) {
        Part::Whole => (200, 0, length),
        Part::Bytes { first, last } => (206, first, last - first + 1),
        Part::Unsatisfiable => {
            let mut answer = text(416, "The file is shorter than that.\n");
            answer
                .headers
                .push(("Content-Range", format!("bytes */{length}")));
            return Ok(answer);
        }
    };
    let mut open = File::open(&file)?;
    open.seek(SeekFrom::Start(first))?;
    let mut headers = always();
    headers.push(("Content-Type", media_type(&file).into()));
    headers.push(("ETag", etag));
    if status == 206 {
        let last = first + count - 1;
        headers.push(("Content-Range", format!("bytes {first}-{last}/{length}")));
    }
    Ok(Answer {
        status,
        headers,
        length: count,
        body: Box::new(open.take(count)),
    })
}

/// An answer in plain words.
pub fn text(status: u16, words: &'static str) -> Answer {
    let mut headers = always();
    headers.push(("Content-Type", "text/plain; charset=utf-8".into()));
    Answer {
        status,
        headers,
        length: words.len() as u64,
        body: Box::new(words.as_bytes()),
    }
}

fn always() -> Vec<(&'static str, String)> {
    ALWAYS
        .iter()
        .map(|&(name, value)| (name, value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::tests::Sample;

    fn ask(sample: &Sample, request: Request) -> (u16, String, Answer) {
        let mut answer = answer(&sample.site, &request).unwrap();
        let mut body = String::new();
        answer.body.read_to_string(&mut body).unwrap();
        assert_eq!(body.len() as u64, answer.length);
        (answer.status, body, answer)
    }

    fn get(url: &str) -> Request<'_> {
        Request {
            method: "GET",
            url,
            ..Request::default()
        }
    }

    fn header(answer: &Answer, name: &str) -> String {
        let found = answer.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    #[test]
    fn a_file_comes_whole_with_type_tag_and_isolation() {
        let sample = Sample::new("whole");
        let (status, body, answer) = ask(&sample, get("/?lang=zh#x"));
        assert_eq!((status, body.as_str()), (200, "0123456789"));
        assert_eq!(header(&answer, "Content-Type"), "text/html; charset=utf-8");
        assert_eq!(header(&answer, "Cross-Origin-Opener-Policy"), "same-origin");
        assert_eq!(
            header(&answer, "Cross-Origin-Embedder-Policy"),
            "require-corp"
        );

        let tag = header(&answer, "ETag");
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        let again = Request {
            if_none_match: Some(&tag),
            ..get("/")
        };
        assert_eq!(ask(&sample, again).0, 304);
        let (status, body, _) = ask(
            &sample,
            Request {
                if_none_match: Some("\"x\""),
                ..get("/")
            },
        );
        assert_eq!((status, body.len()), (200, 10));
    }

    #[test]
    fn parts_say_which_they_are() {
        let sample = Sample::new("parts");
        let (status, body, answer) = ask(
            &sample,
            Request {
                range: Some("bytes=2-4"),
                ..get("/index.html")
            },
        );
        assert_eq!((status, body.as_str()), (206, "234"));
        assert_eq!(header(&answer, "Content-Range"), "bytes 2-4/10");

        let tag = header(&answer, "ETag");
        let request = Request {
            range: Some("bytes=8-"),
            if_range: Some(&tag),
            ..get("/index.html")
        };
        let (status, body, _) = ask(&sample, request);
        assert_eq!((status, body.as_str()), (206, "89"));

        let (status, _, answer) = ask(
            &sample,
            Request {
                range: Some("bytes=10-"),
                ..get("/index.html")
            },
        );
        assert_eq!(status, 416);
        assert_eq!(header(&answer, "Content-Range"), "bytes */10");
    }

    #[test]
    fn what_is_not_there_or_not_allowed() {
        let sample = Sample::new("refused");
        assert_eq!(ask(&sample, get("/../secret.txt")).0, 404);
        assert_eq!(ask(&sample, get("/nothing")).0, 404);
        let (status, _, answer) = ask(
            &sample,
            Request {
                method: "POST",
                ..get("/")
            },
        );
        assert_eq!(
            (status, header(&answer, "Allow").as_str()),
            (405, "GET, HEAD")
        );
    }
}
