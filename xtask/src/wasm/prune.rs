//! Empties functions that our pages can never reach but that tables of function pointers keep alive.
//!
//! An erased view carries a pointer for every way of waking it up. We wake pages in one way only, so the
//! others are dead weight, a tenth of the bundle: no linker can know that, but we do. Should one be
//! called after all, the browser traps at once and the browser tests say so.
//! It comes before the splitter, which would keep for every page what they call.

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use wasmparser::{KnownCustom, Name, NameSectionReader, Parser, Payload, RelocSectionReader, TypeRef};

/// Parts of names, as the compiler writes them.
const UNREACHABLE: &[&str] = &[
    // Only `leptos::mount::hydrate_lazy` waits between nodes.
    "any_view..IntoAny$GT$8into_any13hydrate_async",
    // Only the `template!` macro wakes up clones of a template.
    "any_attribute..IntoAnyAttribute$GT$13into_any_attr21hydrate_from_template",
];
/// The section that says where the code names something, by which the splitter knows what a function needs.
const RELOCATIONS: &str = "reloc.CODE";
/// A function that traps: no locals, `unreachable`; then `nop` up to the length it had.
const TRAP: [u8; 2] = [0x00, 0x00];
const NOP: u8 = 0x01;
const END: u8 = 0x0b;
/// What a section without a meaning to the language begins with.
const CUSTOM: u8 = 0;

/// Answers the module without them, and how many they were.
pub fn prune(wasm: &[u8]) -> Result<(Vec<u8>, usize)> {
    let outline = outline(wasm)?;
    let doomed = outline.doomed();
    let (section, relocations) = &outline.relocations.as_ref().context("the linker left its relocations")?;
    let kept = kept(relocations, wasm, |offset| !is_in(&doomed, outline.code + offset))?;
    let mut pruned = wasm.to_vec();
    for body in &doomed {
        let [first, second, rest @ .., last] = &mut pruned[body.clone()] else {
            bail!("a function without a body")
        };
        [*first, *second] = TRAP;
        rest.fill(NOP);
        *last = END;
    }
    pruned.splice(section.clone(), kept);
    Ok((pruned, doomed.len()))
}

/// What has to be known of a module.
#[derive(Default)]
struct Outline<'wasm> {
    imported: usize,
    /// Where the code section's content begins.
    code: usize,
    bodies: Vec<Range<usize>>,
    /// By their number among all functions.
    unreachable: HashSet<usize>,
    /// The whole section, and what is in it.
    relocations: Option<(Range<usize>, RelocSectionReader<'wasm>)>,
}

impl Outline<'_> {
    /// The bodies of the functions to be emptied, in their order.
    fn doomed(&self) -> Vec<Range<usize>> {
        let bodies = (self.imported..).zip(&self.bodies);
        bodies.filter(|(index, _)| self.unreachable.contains(index)).map(|(_, body)| body.clone()).collect()
    }
}

fn outline(wasm: &[u8]) -> Result<Outline<'_>> {
    let mut outline = Outline::default();
    let mut end = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let begin = end;
        if let Some((_, range)) = payload.as_section() {
            end = place(&range)?.end;
        }
        match payload {
            Payload::Version { range, .. } => end = place(&range)?.end,
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    outline.imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => outline.code = place(&range)?.start,
            Payload::CodeSectionEntry(body) => outline.bodies.push(place(&body.range())?),
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => outline.unreachable = unreachable(names)?,
                KnownCustom::Reloc(relocations) if section.name() == RELOCATIONS => {
                    outline.relocations = Some((begin..end, relocations));
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(outline)
}

/// The functions with the names of the unreachable.
fn unreachable(names: NameSectionReader<'_>) -> Result<HashSet<usize>> {
    let mut found = HashSet::new();
    for names in names {
        let Name::Function(names) = names? else { continue };
        for function in names {
            let function = function?;
            if UNREACHABLE.iter().any(|part| function.name.contains(part)) {
                found.insert(usize::try_from(function.index)?);
            }
        }
    }
    Ok(found)
}

/// The section anew, with those relocations alone whose offset in the code is kept.
fn kept(
    relocations: &RelocSectionReader<'_>,
    wasm: &[u8],
    is_kept: impl Fn(usize) -> bool,
) -> Result<Vec<u8>> {
    let mut entries = relocations.entries().into_iter();
    let (mut count, mut bytes) = (0, Vec::new());
    loop {
        let begin = usize::try_from(entries.original_position())?;
        let Some(entry) = entries.next() else { break };
        if is_kept(usize::try_from(entry?.offset)?) {
            count += 1;
            bytes.extend_from_slice(&wasm[begin..usize::try_from(entries.original_position())?]);
        }
    }
    let name = RELOCATIONS.as_bytes();
    let mut content = leb(u32::try_from(name.len())?);
    content.extend_from_slice(name);
    content.extend(leb(relocations.section_index()));
    content.extend(leb(count));
    content.extend(bytes);
    let mut section = vec![CUSTOM];
    section.extend(leb(u32::try_from(content.len())?));
    section.extend(content);
    Ok(section)
}

/// Whether one of the ranges, which are in order, has it.
fn is_in(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after.checked_sub(1).is_some_and(|index| ranges[index].contains(&at))
}

fn place(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

/// A number as WebAssembly writes it: seven bits a byte, the lowest first.
fn leb(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_in, leb};

    #[test]
    fn a_number_takes_a_byte_for_each_seven_bits() {
        assert_eq!(leb(0), [0]);
        assert_eq!(leb(127), [127]);
        assert_eq!(leb(624_485), [0xe5, 0x8e, 0x26]);
    }

    #[test]
    fn what_lies_between_two_functions_is_in_neither() {
        let bodies = [2..4, 7..9];
        let inside: Vec<usize> = (0..10).filter(|at| is_in(&bodies, *at)).collect();
        assert_eq!(inside, [2, 3, 7, 8]);
    }
}
