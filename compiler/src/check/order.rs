//! The order in which modules are checked: each after those that it imports. So a declaration has its
//! turn in its own module's, whoever needs it first, and what checking a module comes to is told by
//! that module and those that it imports.

use crate::resolve::{ModuleId, Modules, Origin};
use crate::stack::deep;

/// The modules beside those of the standard library, each group after those that it imports. A group is
/// one module, or several that import each other, in the order in which they were loaded.
pub(super) fn groups(modules: &Modules) -> Vec<Vec<ModuleId>> {
    let mut search = Search {
        modules,
        places: vec![Place::default(); modules.list.len()],
        next: 1,
        open: Vec::new(),
        groups: Vec::new(),
    };
    for id in modules.ids() {
        search.visit(id);
    }
    search.groups
}

/// Tarjan's search for strongly connected components (SIAM Journal on Computing 1, 1972).
struct Search<'a> {
    modules: &'a Modules,
    places: Vec<Place>,
    next: u32,
    open: Vec<ModuleId>,
    groups: Vec<Vec<ModuleId>>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    /// When it was reached; 0 where it was not.
    reached: u32,
    is_open: bool,
}

impl Search<'_> {
    /// The earliest open module that is reached from one.
    fn visit(&mut self, id: ModuleId) -> Option<u32> {
        let modules = self.modules;
        let module = modules.get(id).filter(|module| module.origin != Origin::Standard)?;
        let place = self.places.get_mut(id.0 as usize)?;
        if place.reached > 0 {
            return place.is_open.then_some(place.reached);
        }
        let reached = self.next;
        *place = Place { reached, is_open: true };
        self.next += 1;
        self.open.push(id);
        let mut lowest = reached;
        for import in module.imports.values().filter_map(|import| import.target.module()) {
            let found = deep(|| self.visit(import));
            lowest = lowest.min(found.unwrap_or(lowest));
        }
        if lowest < reached {
            return Some(lowest);
        }
        let start = self.open.iter().rposition(|open| *open == id).unwrap_or_default();
        let mut group = self.open.split_off(start);
        for id in &group {
            if let Some(place) = self.places.get_mut(id.0 as usize) {
                place.is_open = false;
            }
        }
        group.sort_unstable();
        self.groups.push(group);
        None
    }
}
