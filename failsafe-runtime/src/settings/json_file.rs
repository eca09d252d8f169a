//! JSON (RFC 8259), with the places of keys and values.
//!
//! The readers that give places were made for dialects of JSON, or need a newer compiler than this
//! crate.

use super::read_stacks::STACKS;
use super::tree::{Element, Item, Node, Unreadable};
use failsafe_config::Value;

/// Reads up to the first thing that cannot be read.
pub(super) fn parse(text: &str) -> (Vec<Item>, Vec<Unreadable>) {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let mut items = Vec::new();
    let mut unreadable = reader.document(&mut items).err();
    if let Some(unreadable) = &mut unreadable {
        // Nothing is read behind it.
        let mut whole = items.iter().rev().skip(1);
        unreadable.hides_stacks = !whole.any(|item| item.key == STACKS);
        // Where a bracket is missing, or one too many, all may belong elsewhere.
        let is_closed = reader.depth == 0;
        unreadable.spoils_all = is_closed || unreadable.at >= text.trim_end().len();
    }
    (items, unreadable.into_iter().collect())
}

/// How deep objects and arrays may be inside each other.
const DEEPEST: usize = 64;

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, Unreadable>;

impl Reader<'_> {
    fn document(&mut self, items: &mut Vec<Item>) -> Read<()> {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        self.space();
        self.expect('{', "the file is one object: begin it with `{`")?;
        self.object(items)?;
        self.space();
        if self.peek().is_some() {
            return Err(self.unreadable("nothing can follow the closing `}`"));
        }
        Ok(())
    }

    /// The members of an object and its end; those before a fault are kept.
    fn object(&mut self, items: &mut Vec<Item>) -> Read<()> {
        self.deeper()?;
        self.space();
        if self.take('}') {
            self.depth -= 1;
            return Ok(());
        }
        loop {
            self.space();
            let key_at = self.at;
            let no_key = "a key is a string in double quotes, and none follows the last comma";
            self.expect('"', no_key).map_err(|unreadable| match items.last() {
                Some(last) => unreadable.within(&[last.key_at, last.value_at]),
                None => unreadable,
            })?;
            let key = self.string()?;
            if items.iter().any(|item| item.key == key) {
                let key = crate::overrides::shown(&key);
                let message = format!("`{key}` is given twice; keep one");
                return Err(Unreadable::new(key_at, message));
            }
            self.space();
            self.expect(':', "a `:` stands between a key and its value")?;
            self.space();
            let value_at = self.at;
            let mut node = Node::Other("null");
            let read = self.value(&mut node);
            items.push(Item { key, key_at, value_at, node });
            let broken = |unreadable: Unreadable| unreadable.within(&[key_at, value_at]);
            read.map_err(broken)?;
            self.space();
            if self.take('}') {
                self.depth -= 1;
                return Ok(());
            }
            self.expect(',', "a `,` or `}` stands behind a value").map_err(broken)?;
        }
    }

    fn value(&mut self, node: &mut Node) -> Read<()> {
        match self.peek() {
            Some('{') => {
                self.at += 1;
                let mut items = Vec::new();
                let read = self.object(&mut items);
                *node = Node::Table(items);
                return read;
            }
            Some('[') => {
                self.at += 1;
                let mut elements = Vec::new();
                let read = self.array(&mut elements);
                *node = Node::Array(elements);
                return read;
            }
            Some('"') => {
                self.at += 1;
                *node = Node::Value(Value::Text(self.string()?));
            }
            Some('-' | '0'..='9') => *node = Node::Value(self.number()?),
            _ if self.word("true") => *node = Node::Value(Value::Bool(true)),
            _ if self.word("false") => *node = Node::Value(Value::Bool(false)),
            _ if self.word("null") => {}
            _ => {
                return Err(self.unreadable(
                    "expected a value: a string, a number, `true`, `false` or an object",
                ));
            }
        }
        Ok(())
    }

    fn array(&mut self, elements: &mut Vec<Element>) -> Read<()> {
        self.deeper()?;
        self.space();
        if !self.take(']') {
            loop {
                self.space();
                let (at, mut node) = (self.at, Node::Other("null"));
                let read = self.value(&mut node);
                elements.push(Element { at, node });
                let broken = |unreadable: Unreadable| unreadable.within(&[at]);
                read.map_err(broken)?;
                self.space();
                if self.take(']') {
                    break;
                }
                self.expect(',', "a `,` or `]` stands behind a value").map_err(broken)?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// The rest of a string whose quote has been read.
    fn string(&mut self) -> Read<String> {
        let mut text = String::new();
        loop {
            let Some(next) = self.peek() else {
                return Err(self.unreadable("the string does not end: close it with `\"`"));
            };
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => {
                    let escaped = self.escape()?;
                    text.push(escaped);
                }
                '\0'..='\u{1f}' => {
                    return Err(self.unreadable("a string is on one line: write `\\n` for its end"));
                }
                other => {
                    self.at += other.len_utf8();
                    text.push(other);
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        self.at += 1;
        let unknown = |at| Unreadable::new(at, "this is no escape of JSON".to_owned());
        let kind = self.peek().ok_or_else(|| unknown(start))?;
        self.at += kind.len_utf8();
        Ok(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.hex().ok_or_else(|| unknown(start))?;
                let code = if (0xd800..0xdc00).contains(&first) && self.word("\\u") {
                    let second = self.hex().filter(|second| (0xdc00..0xe000).contains(second));
                    let second = second.ok_or_else(|| unknown(start))?;
                    0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| unknown(start))?
            }
            _ => return Err(unknown(start)),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let code = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = code.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
        self.at += 4;
        Some(code)
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        self.take('-');
        let first = self.peek();
        let whole = self.digits();
        let mut is_well_formed = whole == 1 || whole > 1 && first != Some('0');
        let mut is_whole = true;
        if self.take('.') {
            is_whole = false;
            is_well_formed &= self.digits() > 0;
        }
        if self.take('e') || self.take('E') {
            is_whole = false;
            let _ = self.take('-') || self.take('+');
            is_well_formed &= self.digits() > 0;
        }
        let text = &self.text[start..self.at];
        if !is_well_formed {
            let message = format!("`{}` is no number of JSON", crate::overrides::shown(text));
            return Err(Unreadable::new(start, message));
        }
        if is_whole {
            let beyond = if text.starts_with('-') { i128::MIN } else { i128::MAX };
            return Ok(Value::Int(text.parse().unwrap_or(beyond)));
        }
        Ok(Value::Float(text.parse().unwrap_or(f64::NAN)))
    }

    fn digits(&mut self) -> usize {
        let rest = &self.text[self.at..];
        let count = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        self.at += count;
        count
    }

    fn deeper(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.unreadable("this is too deep: a settings file has three levels"));
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn word(&mut self, word: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(word);
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += if is_next { wanted.len_utf8() } else { 0 };
        is_next
    }

    fn expect(&mut self, wanted: char, message: &str) -> Read<()> {
        if self.take(wanted) { Ok(()) } else { Err(self.unreadable(message)) }
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn unreadable(&self, message: &str) -> Unreadable {
        Unreadable::new(self.at, message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    const VALUES: &[&str] = &[
        "0", "-0", "10", "-12.5e+3", "1E5", "01", "-", "1.", ".5", "1e", "+1", "NaN", "Infinity",
        "true", "tru", "false", "null", "nul", "[]", "[1,2]", "[1,]", "[,]", "[", "{}", "{\"a\":1}",
        "{\"a\":1,}", "{a:1}", "\"\"", "\"\\u00e4\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
        "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\\x\"", "\"\t\"", "\"\\\"\"", "\"", "'a'",
        "\"ä\u{2028}\"", "1 2", "// x\n1", "/**/1", "[[[1]]]", "\"\\u12\"", "\"\\u+123\"",
        "99999999999999999999999999",
    ];

    /// What is JSON for the reader that everybody uses is JSON for this one.
    #[test]
    fn it_reads_what_serde_json_reads() {
        for value in VALUES {
            for text in [format!("{{\"key\": {value} }}"), format!(" {{\n\"key\":{value}}}\n")] {
                let known = serde_json::from_str::<serde_json::Value>(&text).is_ok();
                let (_, faults) = parse(&text);
                assert_eq!(faults.is_empty(), known, "{text}: {faults:?}");
            }
        }
        for text in
            ["", "1", "[]", "{} x", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{", "{\"a\"", "\u{feff}{}"]
        {
            let known =
                serde_json::from_str::<serde_json::Value>(text).is_ok_and(|v| v.is_object());
            assert_eq!(parse(text).1.is_empty(), known || text.starts_with('\u{feff}'), "{text}");
        }
    }

    #[test]
    fn it_reads_the_same_strings() {
        let text = r#"{"kä\"y\\": "\u00e4\ud83d\ude00\n\/\b\f\r\t"}"#;
        let known: serde_json::Value = serde_json::from_str(text).unwrap();
        let (items, _) = parse(text);
        assert!(known[&items[0].key].is_string());
        let Node::Value(Value::Text(value)) = &items[0].node else { panic!("{items:?}") };
        assert_eq!(*value, known[&items[0].key]);
        assert_eq!((items[0].key_at, items[0].value_at), (1, 13));
    }

    #[test]
    fn depth_is_bounded() {
        for open in ["[", "{\"a\":"] {
            let (_, faults) = parse(&format!("{{\"a\":{}", open.repeat(100_000)));
            assert!(faults[0].message.contains("too deep"), "{faults:?}");
        }
    }
}
