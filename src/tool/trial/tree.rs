//! What stands where in the room of a trial. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Node {
    /// What this machine has at a path, read-only.
    Host(Vec<u8>),
    /// A file of its own, with its mode.
    File(Vec<u8>, u32),
    /// A symbolic link.
    Link(Vec<u8>),
    /// A folder of its own.
    Folder,
    /// Nothing, whatever this machine has there.
    Absent,
}

/// A folder of paths, by the names in them.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// What was said of this path itself.
    pub(super) node: Option<Node>,
    /// What was said of paths below it.
    pub(super) below: BTreeMap<Vec<u8>, Tree>,
}

impl Tree {
    /// Puts each node at its absolute path; a later one takes the place of an earlier one.
    pub(super) fn of(nodes: impl IntoIterator<Item = (Vec<u8>, Node)>) -> Tree {
        let mut root = Tree::default();
        for (path, node) in nodes {
            let names = path.split(|&byte| byte == b'/').filter(|name| !name.is_empty());
            let place = names.fold(&mut root, |tree, name| tree.below.entry(name.to_vec()).or_default());
            place.node = Some(node);
        }
        root
    }

    /// What this machine has there, told apart from what is only in the room.
    pub(super) fn host(&self) -> Option<&[u8]> {
        match &self.node {
            Some(Node::Host(path)) => Some(path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_node_takes_the_place_of_an_earlier_one() {
        let tree = Tree::of([
            (b"/".to_vec(), Node::Host(b"/".to_vec())),
            (b"/opt".to_vec(), Node::Folder),
            (b"/opt/a/b".to_vec(), Node::File(b"x".to_vec(), 0o644)),
            (b"/opt".to_vec(), Node::Host(b"/layer".to_vec())),
        ]);
        assert_eq!(tree.host(), Some(&b"/"[..]));
        let opt = &tree.below[&b"opt"[..]];
        assert_eq!(opt.host(), Some(&b"/layer"[..]));
        assert_eq!(opt.below[&b"a"[..]].node, None);
        assert_eq!(opt.below[&b"a"[..]].below[&b"b"[..]].node, Some(Node::File(b"x".to_vec(), 0o644)));
    }
}
