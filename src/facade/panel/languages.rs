//! The languages that a user may have.

use crate::model::text::Language;

/// The two-letter codes of ISO 639-1.
const ISO_639_1: &str = "\
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv \
dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig \
ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh \
mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru \
rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug \
uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// A language's tag as it is stored, if the language is known; it may have a region.
pub(super) fn known(text: &str) -> Option<String> {
    let tag = Language::parse(text)?.to_string();
    let code = tag.split('-').next().unwrap_or_default();
    ISO_639_1.split(' ').any(|known| known == code).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_with_and_without_a_region() {
        let check = |text: &str, tag: Option<&str>| {
            assert_eq!(known(text).as_deref(), tag, "{text:?}");
        };
        check("en", Some("en"));
        check("DE", Some("de"));
        check("pt-br", Some("pt-BR"));
        check("zh-Hant", Some("zh-Hant"));
        check("zu", Some("zu"));
        check("xx", None);
        check("deu", None);
        check("a", None);
        check("zh zu", None);
        check("", None);
    }
}
