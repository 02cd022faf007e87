//! Bodies: text in, the node list of the wire out.

use protocol::{Body, Node, Nothing, clean_body, nodes};

/// Characters that would let an address show as another one.
const DIRECTIONS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
    '\u{2067}', '\u{2068}', '\u{2069}',
];

/// Cuts the text into nodes and judges each.
pub(crate) fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let nodes = nodes(&text);
    assert_eq!(shown(&nodes), lines(&text), "text was lost, or came from nowhere");
    let breaks = nodes.iter().filter(|node| matches!(node, Node::Break(_))).count();
    assert_eq!(breaks, text.matches('\n').count());
    assert!(nodes.len() <= 2 * text.len() + 1, "more nodes than the text has places for");
    for pair in nodes.windows(2) {
        assert!(!matches!(pair, [Node::Text(_), Node::Text(_)]), "text was cut where nothing stands");
    }
    nodes.iter().for_each(judge);

    let written = serde_json::to_string(&Body(text.clone().into_owned())).expect("nodes are JSON");
    let read: Body = serde_json::from_str(&written).expect("what was written reads");
    assert_eq!(read.0, shown(&nodes), "a client reads other text");
    assert_eq!(protocol::nodes(&read.0), nodes, "a body that was read is cut otherwise");

    if clean_body(&text, usize::MAX).is_ok() {
        assert!(!text.contains('\0') && !text.trim().is_empty());
        assert!(clean_body(&text, text.len() - 1).is_err(), "the limit counts bytes");
    }
}

fn judge(node: &Node) {
    match node {
        Node::Text(text) => assert!(!text.is_empty() && !text.contains('\n')),
        Node::Link(address) => {
            let lower = address.to_ascii_lowercase();
            let scheme =
                ["https://", "http://", "mailto:", "tel:"].into_iter().find(|scheme| lower.starts_with(scheme));
            let scheme = scheme.expect("another scheme became a link");
            assert!(address.len() > scheme.len(), "an address of nothing");
            let hidden = |c: char| c.is_whitespace() || c.is_control() || DIRECTIONS.contains(&c);
            assert!(!address.chars().any(hidden), "an address that does not show as it is");
        }
        Node::Break(Nothing {}) => {}
        Node::Unknown(kind) => panic!("a kind that nobody knows: {kind}"),
    }
}

/// What a reader sees.
fn shown(nodes: &[Node]) -> String {
    let text = nodes.iter().map(|node| match node {
        Node::Text(text) | Node::Link(text) => text.as_str(),
        Node::Break(_) => "\n",
        Node::Unknown(_) => "",
    });
    text.collect()
}

/// The text with its line ends as nodes have them: the returns before a break belong to it.
fn lines(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
    lines.join("\n")
}
