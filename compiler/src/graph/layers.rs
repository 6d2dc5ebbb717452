//! Nodes in layers: each below all that it depends on.

/// The layer of each node, from 0, for edges from a node to what it depends
/// on. A circle, which should have been refused, is broken where it is met.
#[must_use]
pub fn layers(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0_usize; count];
    // A longest way has fewer steps than there are nodes.
    for _ in 0..count {
        let mut changed = false;
        for (from, to) in edges {
            let wanted = layer.get(*to).copied().unwrap_or(0) + 1;
            if let Some(own) = layer.get_mut(*from).filter(|own| **own < wanted && wanted < count) {
                *own = wanted;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::layers;

    #[test]
    fn each_is_below_what_it_depends_on() {
        assert_eq!(layers(4, &[(0, 1), (1, 2), (3, 2)]), [2, 1, 0, 1]);
        assert_eq!(layers(2, &[]), [0, 0]);
    }

    #[test]
    fn a_circle_ends() {
        assert!(layers(3, &[(0, 1), (1, 0), (2, 0)]).iter().all(|layer| *layer < 3));
    }
}
