//! SVG pictures: read by an XML parser, and written anew with those elements and attributes alone that draw shapes.
//!
//! What is stored is what was written here, so that no browser can read anything else in it than was checked. What
//! a picture can do without is left out; what it would look different without is refused by its name.

use std::{collections::BTreeSet, fmt::Write as _};

use roxmltree::{Document, Node, ParsingOptions};

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";
/// The most elements, attributes and texts: such a small file has no use for more.
const MAX_NODES: u32 = 4096;
/// How deep elements may lie in each other.
const MAX_DEPTH: usize = 24;
/// How often shapes may be cut out by others, since each time these are drawn again.
const MAX_CUTS: usize = 64;

/// Elements that draw, or hold others that do.
const DRAWN: [&str; 16] = [
    "svg",
    "g",
    "defs",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "style",
];
/// Elements that say something about the picture, and are no part of it.
const SAID: [&str; 3] = ["title", "desc", "metadata"];
/// Attributes whose values lead nowhere.
const PLAIN: [&str; 62] = [
    "class",
    "clip-rule",
    "clipPathUnits",
    "color",
    "cx",
    "cy",
    "d",
    "display",
    "fill-opacity",
    "fill-rule",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "mask-type",
    "maskContentUnits",
    "maskUnits",
    "offset",
    "opacity",
    "overflow",
    "paint-order",
    "points",
    "preserveAspectRatio",
    "r",
    "rx",
    "ry",
    "shape-rendering",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "style",
    "transform",
    "type",
    "vector-effect",
    "version",
    "viewBox",
    "visibility",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
    "color-interpolation",
    "color-rendering",
    "image-rendering",
    "pathLength",
    "enable-background",
    "isolation",
    "mix-blend-mode",
    "stroke-dashoffset",
    "transform-origin",
    "text-rendering",
];
/// Attributes whose values may lead to another element of the picture.
const LEADING: [&str; 4] = ["fill", "stroke", "clip-path", "mask"];
/// The functions that values may have; none of them leads anywhere.
const FUNCTIONS: [&str; 11] = [
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "matrix",
    "translate",
    "scale",
    "rotate",
    "skewx",
    "skewy",
    "hwb",
];
/// What styles may not say, since it leads elsewhere, moves, or takes long to draw.
const BANNED_STYLES: [&str; 8] =
    ["@", "\\", "url", "import", "expression", "filter", "dasharray", "</"];

/// The same picture, with nothing in it but shapes.
///
/// # Errors
/// What is wrong with it.
pub(super) fn rebuilt(text: &str) -> Result<String, String> {
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| format!("must be a PNG or an SVG picture; read as SVG: {error}"))?;
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        return Err(format!("must be a PNG, or an SVG picture with the namespace {SVG}"));
    }
    if root.attribute("viewBox").is_none()
        && (root.attribute("width").is_none() || root.attribute("height").is_none())
    {
        return Err("must have a viewBox, or width and height".to_owned());
    }
    let mut writer = Writer { document: &document, written: String::new(), cuts: 0 };
    writer.element(root, Place { depth: 0, inside_cut: false })?;
    Ok(writer.written)
}

/// Where an element lies.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    /// Whether it is drawn for each shape that is cut out by it.
    inside_cut: bool,
}

struct Writer<'a, 'input> {
    document: &'a Document<'input>,
    written: String,
    cuts: usize,
}

impl<'a, 'input> Writer<'a, 'input> {
    fn element(&mut self, node: Node<'a, 'input>, place: Place) -> Result<(), String> {
        // Editors keep things of their own in other namespaces.
        if node.tag_name().namespace() != Some(SVG) {
            return Ok(());
        }
        let name = node.tag_name().name();
        if SAID.contains(&name) {
            return Ok(());
        }
        if !DRAWN.contains(&name) {
            return Err(self.at(node, &format!("must not have the element {name}")));
        }
        if place.depth > MAX_DEPTH {
            return Err(self.at(node, &format!("must not be nested deeper than {MAX_DEPTH}")));
        }
        let is_cut = matches!(name, "clipPath" | "mask");
        let inside = Place { depth: place.depth + 1, inside_cut: place.inside_cut || is_cut };
        self.written.push('<');
        self.written.push_str(name);
        if place.depth == 0 {
            let _ = write!(self.written, " xmlns=\"{SVG}\"");
        }
        self.attributes(node, inside)?;
        self.written.push('>');
        if name == "style" {
            let text: String = node
                .descendants()
                .filter_map(|it| it.is_text().then(|| it.text()).flatten())
                .collect();
            self.style(node, &text)?;
            push_escaped(&mut self.written, &text);
        } else {
            for child in node.children().filter(Node::is_element) {
                self.element(child, inside)?;
            }
        }
        let _ = write!(self.written, "</{name}>");
        Ok(())
    }

    fn attributes(&mut self, node: Node<'a, 'input>, inside: Place) -> Result<(), String> {
        let mut written = BTreeSet::new();
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value().trim());
            let is_link = name == "href" && attribute.namespace().is_none_or(|it| it == XLINK);
            if attribute.namespace().is_some() && !is_link {
                continue;
            }
            if name.to_ascii_lowercase().starts_with("on") || name == "src" {
                return Err(self.at(node, &format!("must not have the attribute {name}")));
            }
            if is_link {
                self.link(node, value)?;
            } else if LEADING.contains(&name) {
                self.leading(node, name, value, inside)?;
            } else if name == "style" {
                self.style(node, value)?;
            } else if PLAIN.contains(&name) {
                self.plain(node, name, value)?;
            } else if name.starts_with("stroke-dash") || name == "filter" {
                return Err(self.at(node, &format!("must not have the attribute {name}")));
            } else {
                continue;
            }
            // Both forms of a link are one.
            if written.insert(name) {
                let _ = write!(self.written, " {name}=\"");
                push_escaped(&mut self.written, value);
                self.written.push('"');
            }
        }
        Ok(())
    }

    /// A link, which gradients alone have, to another one.
    fn link(&self, node: Node<'a, 'input>, value: &str) -> Result<(), String> {
        let is_gradient = matches!(node.tag_name().name(), "linearGradient" | "radialGradient");
        if is_gradient && value.strip_prefix('#').is_some_and(is_id) {
            return Ok(());
        }
        Err(self.at(node, "must not link to anything but, in a gradient, to another one by #id"))
    }

    /// A value that may be `url(#id)`.
    fn leading(
        &mut self,
        node: Node<'a, 'input>,
        name: &str,
        value: &str,
        inside: Place,
    ) -> Result<(), String> {
        let target = value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')'));
        let Some(target) = target else { return self.plain(node, name, value) };
        if !is_id(target) {
            return Err(
                self.at(node, &format!("must not have {name} lead to anything but url(#id)"))
            );
        }
        if matches!(name, "clip-path" | "mask") {
            self.cuts += 1;
            if inside.inside_cut || self.cuts > MAX_CUTS {
                let why = format!(
                    "must not use {name} inside a clipPath or mask, or more than {MAX_CUTS} times"
                );
                return Err(self.at(node, &why));
            }
        }
        Ok(())
    }

    /// A value that leads nowhere.
    fn plain(&self, node: Node<'a, 'input>, name: &str, value: &str) -> Result<(), String> {
        let is_fine = has_only_known_functions(value) && !value.contains('\\');
        if is_fine && (name != "id" || is_id(value)) {
            return Ok(());
        }
        Err(self.at(node, &format!("must have a plain value for {name}")))
    }

    fn style(&self, node: Node<'a, 'input>, text: &str) -> Result<(), String> {
        let lower = text.to_ascii_lowercase();
        let banned = BANNED_STYLES.iter().find(|banned| lower.contains(**banned));
        if let Some(banned) = banned {
            return Err(self.at(node, &format!("must not have {banned} in its styles")));
        }
        if has_only_known_functions(&lower) {
            return Ok(());
        }
        Err(self.at(node, "must not have functions in its styles but for colours"))
    }

    fn at(&self, node: Node<'a, 'input>, why: &str) -> String {
        let line = self.document.text_pos_at(node.range().start).row;
        format!("{why} (line {line})")
    }
}

/// Whether every parenthesis belongs to a function that is known.
fn has_only_known_functions(value: &str) -> bool {
    let mut parts: Vec<&str> = value.split('(').collect();
    parts.pop();
    parts.iter().all(|before| {
        let word = before.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
        word.is_some_and(|word| FUNCTIONS.contains(&word.to_ascii_lowercase().as_str()))
    })
}

fn is_id(text: &str) -> bool {
    let is_of_one = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    (1..=64).contains(&text.len()) && text.chars().all(is_of_one)
}

fn push_escaped(written: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            other => written.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inner: &str) -> String {
        format!("<svg xmlns=\"{SVG}\" xmlns:xlink=\"{XLINK}\" viewBox=\"0 0 8 8\">{inner}</svg>")
    }

    #[track_caller]
    fn check(inner: &str, kept: &str) {
        let made = rebuilt(&svg(inner)).unwrap();
        let whole = format!("<svg xmlns=\"{SVG}\" viewBox=\"0 0 8 8\">{kept}</svg>");
        assert_eq!(made, whole);
        // What was made is made again of itself.
        assert_eq!(rebuilt(&made).unwrap(), made);
    }

    #[test]
    fn shapes_and_colours_stay() {
        for same in [
            r##"<path d="M0 0h8v8z" fill="#123" stroke="rgb(1, 2, 3)"></path>"##,
            r#"<g transform="translate(1 2) rotate(45)" class="a b"><circle cx="4" cy="4" r="2"></circle></g>"#,
            "<style>.a{fill:#fff;stroke:rgba(0,0,0,.5)} g &gt; .b{opacity:.5}</style>",
            r#"<rect style="fill:#f00;stroke-width:2" width="4" height="4"></rect>"#,
            r#"<defs><clipPath id="c"><rect width="4" height="4"></rect></clipPath></defs><g clip-path="url(#c)"></g>"#,
            r#"<linearGradient id="a"><stop offset="0" stop-color="red"></stop></linearGradient><rect fill="url(#a)"></rect>"#,
        ] {
            check(same, same);
        }
        check(
            r##"<radialGradient id="b" xlink:href="#a"/><radialGradient id="c" href="#a" xlink:href="#a"/>"##,
            r##"<radialGradient id="b" href="#a"></radialGradient><radialGradient id="c" href="#a"></radialGradient>"##,
        );
    }

    #[test]
    fn what_is_no_part_of_the_picture_is_left_out() {
        for (inner, kept) in [
            ("<title>Acme</title><desc>x</desc><metadata>y</metadata><!-- z -->text", ""),
            (
                r#"<g data-name="Layer 1" aria-label="x" xml:space="preserve" role="img"/>"#,
                "<g></g>",
            ),
            (
                r#"<i:page xmlns:i="http://www.inkscape.org/x"><script xmlns="http://www.w3.org/1999/xhtml"/></i:page>"#,
                "",
            ),
            (
                "<g><![CDATA[<script>]]></g><?xml-stylesheet href='https://evil.example/x.css'?>",
                "<g></g>",
            ),
        ] {
            check(inner, kept);
        }
        let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{}", svg("<g/>"));
        assert!(rebuilt(&declared).unwrap().starts_with("<svg "));
    }

    #[test]
    fn what_runs_leads_elsewhere_or_takes_long_is_refused() {
        for (inner, why) in [
            ("<script>alert(1)</script>", "element script"),
            ("<g onload=\"alert(1)\"/>", "attribute onload"),
            ("<g OnClick=\"alert(1)\"/>", "attribute OnClick"),
            ("<foreignObject/>", "element foreignObject"),
            ("<image href=\"https://evil.example/x.png\"/>", "element image"),
            ("<use href=\"#a\"/>", "element use"),
            ("<a href=\"javascript:alert(1)\"><g/></a>", "element a"),
            ("<animate attributeName=\"href\"/>", "element animate"),
            ("<set attributeName=\"onload\"/>", "element set"),
            ("<text>Acme</text>", "element text"),
            ("<filter id=\"f\"/>", "element filter"),
            ("<pattern id=\"f\"/>", "element pattern"),
            ("<g filter=\"url(#f)\"/>", "attribute filter"),
            ("<g href=\"#a\"/>", "link"),
            ("<linearGradient href=\"https://evil.example/x.svg#a\"/>", "link"),
            ("<linearGradient xlink:href=\"data:image/svg+xml,x\"/>", "link"),
            ("<path fill=\"url(https://evil.example/#a)\"/>", "plain value for fill"),
            ("<path fill=\"url('#a')\"/>", "plain value for fill"),
            ("<path fill=\"url(#a) url(//evil.example)\"/>", "url(#id)"),
            ("<path mask=\"url(#a b)\"/>", "url(#id)"),
            ("<path d=\"url(x)\"/>", "plain value for d"),
            ("<g style=\"fill:url(#a)\"/>", "url in its styles"),
            ("<g style=\"fill:u\\72l(//evil.example)\"/>", "\\ in its styles"),
            ("<g style=\"background:image-set('x' 1x)\"/>", "functions"),
            ("<g style=\"width:calc(1px)\"/>", "functions"),
            ("<style>@import 'https://evil.example/x.css';</style>", "@ in its styles"),
            ("<style>@font-face{}</style>", "@ in its styles"),
            ("<style>g{fill:URL(//evil.example)}</style>", "url in its styles"),
            ("<path stroke-dasharray=\"0.001\"/>", "attribute stroke-dasharray"),
            ("<path style=\"stroke-dasharray:0.001\"/>", "dasharray in its styles"),
            ("<mask id=\"m\"><g mask=\"url(#m)\"/></mask>", "inside a clipPath or mask"),
            ("<clipPath id=\"c\" clip-path=\"url(#d)\"/>", "inside a clipPath or mask"),
            ("<g id=\"a b\"/>", "plain value for id"),
        ] {
            let said = rebuilt(&svg(inner)).unwrap_err();
            assert!(said.contains(why) && said.contains("(line 1)"), "{inner}: {said}");
        }
        assert!(rebuilt(&svg(&"<g mask=\"url(#a)\"/>".repeat(64))).is_ok());
        assert!(rebuilt(&svg(&"<g mask=\"url(#a)\"/>".repeat(65))).is_err());
        assert!(rebuilt(&svg(&format!("{}{}", "<g>".repeat(25), "</g>".repeat(25)))).is_err());
        assert!(rebuilt(&svg(&format!("{}{}", "<g>".repeat(6000), "</g>".repeat(6000)))).is_err());
    }

    #[test]
    fn what_is_no_svg_is_refused() {
        let entity =
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg xmlns=\"http://www.w3.org/2000/svg\">&a;</svg>";
        for (text, why) in [
            ("", "read as SVG"),
            ("<svg", "read as SVG"),
            ("<svg viewBox=\"0 0 8 8\"/>", "namespace"),
            ("<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", "namespace"),
            (entity, "DTD"),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "viewBox"),
        ] {
            let said = rebuilt(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
