//! What errors of steps say that takes more than a line.

/// What somebody can do who has lost something since the call came in.
pub(super) const CALLER_CHANGED: &str = "Your role or access changed during this call; check it with user/get, or sign in \
                              again.";

/// What a key may not.
pub(super) const OWN_MAKER: &str =
    "An API key cannot change the role or the sign-in of its own user.";

pub(super) const NO_ADDRESS: &str =
    "The provider did not share your email address; allow it to, or sign in another way.";
pub(super) const LINK_REQUIRED: &str = "That address already has a sign-in here. Prove that it is yours with provider/link: \
                             send link, your key, and currentPassword or the emailCode that provider/code sends. \
                             From then on, the provider is enough.";
pub(super) const SECOND_FACTOR_OF_LINKED: &str = "Send a code from your authenticator app, or a recovery code, as totp to \
                                       provider/link, with link and your key.";
/// What somebody shows who has a second factor.
pub(super) const SECOND_FACTOR: &str =
    "Send a code from your authenticator app, or a recovery code, as totp.";

/// What somebody can do whose session has entered too many other accounts.
pub(super) const ENTRY_ENDED: &str = "The session has entered too many other accounts; get a new token for this account with \
                           session/refresh and accountId.";

/// Why no code can be sent.
pub(super) const NO_MAILBOX: &str = "No code can be sent: the address is not proved, or the token's issuer is not trusted with \
                          emails (trust_email).";

/// What can be done about an issuer whose word does not count.
pub(super) const UNTRUSTED: &str = "The email in your token is not accepted, because the operator does not trust its issuer \
                         with emails (trust_email).";

/// What can be done about a token that says no email.
pub(super) const NO_EMAIL: &str = "Your token contains no email, so it cannot be compared with the one that is expected. Send a \
                        token with an email, such as an ID token with the scope email, or ask the operator to set \
                        email_claim.";
