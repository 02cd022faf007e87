//! A body on its way down: a list of nodes that a reader turns into elements, never HTML.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One piece of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// Plain text, shown as it is.
    Text(String),
    /// An address that may be followed: `http`, `https`, `mailto` or `tel` only. It is also its own text.
    Link(String),
    /// A line break.
    Break(Nothing),
    /// A kind of a newer gateway; nothing is shown for it.
    #[serde(skip)]
    Unknown(String),
}

/// An empty object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Nothing {}

/// What somebody wrote. In memory and in the store it is the text as it was sent; on the wire a list of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(pub String);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        nodes(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let nodes = Vec::<Node>::deserialize(deserializer)?;
        let text = nodes.into_iter().map(|node| match node {
            Node::Text(text) | Node::Link(text) => text,
            Node::Break(Nothing {}) => "\n".to_owned(),
            Node::Unknown(_) => String::new(),
        });
        Ok(Self(text.collect()))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Body {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Body".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "What somebody wrote, as nodes in order. One of an unknown kind is passed over.",
            "type": "array",
            "items": generator.subschema_for::<Node>(),
        })
    }
}

/// Schemes that a link may have; every other address stays text.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Cuts a body into nodes, in time linear in its length.
#[must_use]
pub fn nodes(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            nodes.push(Node::Break(Nothing {}));
        }
        push_line(line.trim_end_matches('\r'), &mut nodes);
    }
    nodes
}

fn push_line(line: &str, nodes: &mut Vec<Node>) {
    let mut plain = 0;
    let mut at = 0;
    for word in line.split_inclusive(char::is_whitespace) {
        if let Some((start, end)) = link_in(word) {
            push_text(&line[plain..at + start], nodes);
            nodes.push(Node::Link(word[start..end].to_owned()));
            plain = at + end;
        }
        at += word.len();
    }
    push_text(&line[plain..], nodes);
}

fn push_text(text: &str, nodes: &mut Vec<Node>) {
    if !text.is_empty() {
        nodes.push(Node::Text(text.to_owned()));
    }
}

/// Finds the address in a word: after opening punctuation, before closing punctuation.
fn link_in(word: &str) -> Option<(usize, usize)> {
    let start = word.find(|c: char| !matches!(c, '(' | '[' | '<' | '"' | '\''))?;
    let rest = &word[start..];
    let scheme =
        SCHEMES.iter().find(|scheme| rest.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)))?;
    let address = rest.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '>' | '"' | '\'')
    });
    let clean = address.len() > scheme.len() && !address.chars().any(|c| c.is_control() || is_bidi(c));
    clean.then_some((start, start + address.len()))
}

/// Characters that reorder what stands around them; an address holding one could show another address.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn link(address: &str) -> Node {
        Node::Link(address.to_owned())
    }

    #[test]
    fn addresses_become_links() {
        assert_eq!(
            nodes("see (https://example.org/a), or\nmailto:a@example.org."),
            [
                text("see ("),
                link("https://example.org/a"),
                text("), or"),
                Node::Break(Nothing {}),
                link("mailto:a@example.org"),
                text("."),
            ]
        );
    }

    #[test]
    fn other_schemes_stay_text() {
        for body in ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "java\tscript:x", "https://", "//x.org"] {
            assert!(nodes(body).iter().all(|node| matches!(node, Node::Text(_))), "{body}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let body = "a  b https://x.org/ä?q=1!  <img src=x>";
        let shown: String = nodes(body)
            .into_iter()
            .map(|node| match node {
                Node::Text(text) | Node::Link(text) => text,
                Node::Break(_) => "\n".to_owned(),
                Node::Unknown(_) => String::new(),
            })
            .collect();
        assert_eq!(shown, body);
    }

    #[test]
    fn returns_before_a_break_are_part_of_it() {
        assert_eq!(nodes("a\r\r\nb\r"), [text("a"), Node::Break(Nothing {}), text("b")]);
    }

    #[test]
    fn a_node_that_is_not_known_is_passed_over() {
        let body: Body = serde_json::from_str(r#"[{"text":"a"},{"emoji":{"name":"wave"}},{"text":"b"}]"#).unwrap();
        assert_eq!(body, Body("ab".into()));
    }

    #[test]
    fn an_address_with_a_direction_override_stays_text() {
        assert_eq!(nodes("https://x.org/\u{202e}gro.live"), [text("https://x.org/\u{202e}gro.live")]);
    }
}
