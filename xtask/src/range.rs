//! The Range header of HTTP (RFC 9110, section 14): which bytes of a file are asked for.

/// What to answer to a request for a file of a known length.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// 200: everything.
    Whole,
    /// 206: the bytes from `first` to `last`, both included.
    Bytes { first: u64, last: u64 },
    /// 416: nothing of what was asked for exists.
    Unsatisfiable,
}

/// Reads `Range` and `If-Range` for a file of `length` bytes whose tag is `etag`.
///
/// What cannot be read, asks for several ranges, or is bound to another version of the file by
/// `If-Range`, gets the whole file, as the RFC allows or demands.
pub fn part(range: Option<&str>, if_range: Option<&str>, etag: &str, length: u64) -> Part {
    if if_range.is_some_and(|tag| tag.trim() != etag) {
        return Part::Whole;
    }
    range
        .and_then(|range| one_range(range, length))
        .unwrap_or(Part::Whole)
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-count`; none when it is something else.
fn one_range(range: &str, length: u64) -> Option<Part> {
    let (unit, spec) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || spec.contains(',') {
        return None;
    }
    let (first, last) = spec.trim().split_once('-')?;
    let end = length.checked_sub(1);
    if first.is_empty() {
        let count = number(last)?;
        return Some(match end {
            Some(end) if count > 0 => Part::Bytes {
                first: length.saturating_sub(count),
                last: end,
            },
            _ => Part::Unsatisfiable,
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        number(last)?
    };
    if last < first {
        return None;
    }
    Some(match end {
        Some(end) if first <= end => Part::Bytes {
            first,
            last: last.min(end),
        },
        _ => Part::Unsatisfiable,
    })
}

/// Digits only: `parse` alone would take a sign. More digits than fit mean "to the end".
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"a\"";

    fn of_ten(range: &str) -> Part {
        part(Some(range), None, TAG, 10)
    }

    #[test]
    fn ranges_that_exist() {
        assert_eq!(of_ten("bytes=0-0"), Part::Bytes { first: 0, last: 0 });
        assert_eq!(of_ten("bytes=2-5"), Part::Bytes { first: 2, last: 5 });
        assert_eq!(of_ten("bytes=9-"), Part::Bytes { first: 9, last: 9 });
        assert_eq!(of_ten("bytes=4-99"), Part::Bytes { first: 4, last: 9 });
        assert_eq!(of_ten("Bytes=-3"), Part::Bytes { first: 7, last: 9 });
        assert_eq!(of_ten("bytes=-99"), Part::Bytes { first: 0, last: 9 });
        assert_eq!(
            of_ten("bytes=1-99999999999999999999999"),
            Part::Bytes { first: 1, last: 9 }
        );
    }

    #[test]
    fn ranges_beyond_the_file() {
        assert_eq!(of_ten("bytes=10-"), Part::Unsatisfiable);
        assert_eq!(of_ten("bytes=10-12"), Part::Unsatisfiable);
        assert_eq!(of_ten("bytes=-0"), Part::Unsatisfiable);
        assert_eq!(part(Some("bytes=0-"), None, TAG, 0), Part::Unsatisfiable);
        assert_eq!(part(Some("bytes=-1"), None, TAG, 0), Part::Unsatisfiable);
    }

    #[test]
    fn what_is_no_single_range_gets_the_whole_file() {
        for range in [
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=0-1,4-5",
        ] {
            assert_eq!(of_ten(range), Part::Whole, "{range}");
        }
        assert_eq!(of_ten("lines=0-1"), Part::Whole);
        assert_eq!(part(None, None, TAG, 10), Part::Whole);
    }

    #[test]
    fn if_range_guards_against_another_version() {
        let bytes = Part::Bytes { first: 1, last: 2 };
        assert_eq!(part(Some("bytes=1-2"), Some(TAG), TAG, 10), bytes);
        assert_eq!(part(Some("bytes=1-2"), Some("\"b\""), TAG, 10), Part::Whole);
        assert_eq!(
            part(Some("bytes=1-2"), Some("W/\"a\""), TAG, 10),
            Part::Whole
        );
        let date = "Sat, 21 Nov 2026 00:00:00 GMT";
        assert_eq!(part(Some("bytes=1-2"), Some(date), TAG, 10), Part::Whole);
    }
}
