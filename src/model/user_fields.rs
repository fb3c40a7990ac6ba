//! What follows from the list of a user's fields, which [`user`](super::user) has: where each is in a stored
//! text, how replies show it, and whether the audit trail tells of its changes.

use super::user::{Derived, Member};

/// How a reply shows a field of a user.
#[derive(Clone, Copy)]
pub enum ReplyValue {
    /// As the JSON text that is stored; not at all where nothing is.
    Stored(Member),
    /// The same, and where nothing is stored, as this JSON text.
    StoredOr(Member, &'static str),
    /// As the object that the stored text holds.
    Document(Member),
    /// As something that code of its own makes.
    Derived(Derived),
}

/// Makes [`Member`], and what goes by its names, of the list. Names are told apart as bytes in a `match`:
/// there are many users on a page, and many fields in a user.
macro_rules! user_fields {
    (
        stored { $($member:ident $field:ident $name:literal $shown:tt $audited:ident;)* }
        derived { $($derived:ident $derived_name:literal;)* }
    ) => {
        /// A member of a stored [`User`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "they are those of the user")]
        pub enum Member {
            $($member,)*
        }

        impl Member {
            /// How many there are.
            pub const COUNT: usize = [$(Self::$member),*].len();

            /// The member of that name.
            #[inline]
            pub(super) fn named(name: &[u8]) -> Option<Self> {
                Some(match name {
                    $($name => Self::$member,)*
                    _ => return None,
                })
            }
        }

        /// How a reply shows the field of that name, if it shows one.
        #[inline]
        pub fn reply_value(name: &[u8]) -> Option<ReplyValue> {
            Some(match name {
                $($name => user_fields!(@shown $member $shown),)*
                $($derived_name => ReplyValue::Derived(Derived::$derived),)*
                _ => return None,
            })
        }

        /// The names of the audited fields that have changed.
        pub fn changed_fields(before: &User, after: &User) -> Vec<&'static str> {
            let mut names = Vec::new();
            $(user_fields!(@audit $audited $field $name before after names);)*
            names
        }

        // A field of the struct that the list does not have does not compile.
        const _: fn(User) -> User = |user| User { $($field: user.$field,)* version: user.version };

        $(const _: () = assert!(
            is_camel_case($name, stringify!($field)),
            concat!(stringify!($field), " is stored under another name"),
        );)*
    };
    (@shown $member:ident stored) => { ReplyValue::Stored(Member::$member) };
    (@shown $member:ident (stored or $text:literal)) => { ReplyValue::StoredOr(Member::$member, $text) };
    (@shown $member:ident document) => { ReplyValue::Document(Member::$member) };
    (@shown $member:ident derived) => { ReplyValue::Derived(Derived::$member) };
    (@shown $member:ident hidden) => { return None };
    (@audit audited $field:ident $name:literal $before:ident $after:ident $names:ident) => {
        if $before.$field != $after.$field {
            $names.extend(str::from_utf8($name));
        }
    };
    (@audit silent $($rest:tt)*) => {};
}
pub(super) use user_fields;

/// Whether the name is that of the struct's field as serde spells it.
#[expect(clippy::indexing_slicing, reason = "only the compiler runs it")]
pub(super) const fn is_camel_case(name: &[u8], field: &str) -> bool {
    let field = field.as_bytes();
    let (mut at, mut from) = (0, 0);
    while at < name.len() && from < field.len() {
        let is_break = field[from] == b'_';
        from += is_break as usize;
        let byte = if is_break { field[from].to_ascii_uppercase() } else { field[from] };
        if name[at] != byte {
            return false;
        }
        (at, from) = (at + 1, from + 1);
    }
    at == name.len() && from == field.len()
}
