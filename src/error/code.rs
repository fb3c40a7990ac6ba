//! The error codes of the wire: their names, statuses and titles.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $status:literal $name:literal $title:literal;)*) => {
        /// The error codes of the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as clients see it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// A short text that is the same for every error of this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

codes! {
    /// The body is not a JSON object.
    MalformedJson 400 "malformed_json" "The body is not a JSON object";
    /// A field or query parameter that the call does not have.
    UnknownField 400 "unknown_field" "Unknown field";
    /// A cursor that was not issued for this query.
    InvalidCursor 400 "invalid_cursor" "Invalid cursor";
    /// A page begins too far from where its list begins.
    OffsetTooLarge 400 "offset_too_large" "Offset too large";
    /// A sign-in with a provider that cannot be finished: too old, used, or begun elsewhere.
    InvalidState 400 "invalid_state" "Begin again";
    /// No token, or one that proves nothing.
    Unauthenticated 401 "unauthenticated" "Authentication required";
    /// The email or the password is wrong.
    InvalidCredentials 401 "invalid_credentials" "Invalid credentials";
    /// The password is right, and the second factor is needed, too.
    TotpRequired 401 "totp_required" "Second factor required";
    /// Who the caller is is known, but it has to sign in anew.
    ReauthenticationRequired 401 "reauthentication_required" "Sign in again";
    /// The person has said no at the provider, or the provider has.
    ProviderDenied 401 "provider_denied" "Denied at the provider";
    /// What the provider has replied proves nothing.
    ProviderRefused 401 "provider_refused" "Not confirmed by the provider";
    /// Somebody signs in with the address, and has to show a credential before the identity is linked.
    LinkRequired 401 "link_required" "Link required";
    /// The caller's role does not reach that far.
    Forbidden 403 "forbidden" "Forbidden";
    /// The caller's role may not send a field.
    ForbiddenField 403 "forbidden_field" "Field not allowed for this role";
    /// The identity is no user here.
    NotRegistered 403 "not_registered" "Not registered";
    /// The user is suspended or removed.
    Suspended 403 "suspended" "Suspended";
    /// The invite was sent to another email.
    InviteEmail 403 "invite_email" "The invite is for another email";
    /// How the person signs in is nobody else's business.
    OwnSignIn 403 "own_sign_in" "The person's own sign-in";
    /// The identity's email is not verified.
    EmailUnverified 403 "email_unverified" "Email not verified";
    /// The provider tells no address.
    EmailRequired 403 "email_required" "Email required";
    /// There is no such thing within the caller's reach.
    NotFound 404 "not_found" "Not found";
    /// The path takes another method.
    MethodNotAllowed 405 "method_not_allowed" "Method not allowed";
    /// The request did not arrive in time.
    RequestTimeout 408 "request_timeout" "Request timed out";
    /// Another user has the email.
    EmailTaken 409 "email_taken" "Email already taken";
    /// Another user has the user name.
    UsernameTaken 409 "username_taken" "Username already taken";
    /// Another user has the external id.
    ExternalIdTaken 409 "external_id_taken" "External ID already taken";
    /// Another user of the account has the number, or had it.
    NumberTaken 409 "number_taken" "Number already taken";
    /// The identity is in several accounts, and the call does not say which one it is about.
    AccountRequired 409 "account_required" "Account required";
    /// The call names another account than its key belongs to.
    AccountMismatch 409 "account_mismatch" "Account mismatch";
    /// The cookie is of another session than the call names.
    SessionReplaced 409 "session_replaced" "Session replaced";
    /// The identity is in, or has made, as many accounts as one may.
    TooManyAccounts 409 "too_many_accounts" "Too many accounts";
    /// The user has more API keys than can be kept at once.
    TooManyKeys 409 "too_many_keys" "Too many keys";
    /// Several users fit.
    Ambiguous 409 "ambiguous" "Several users match";
    /// The account is removed, and takes nothing new.
    AccountRemoved 409 "account_removed" "Account removed";
    /// The operator's own account stays open.
    HomeAccount 409 "home_account" "Home account";
    /// The account would lose its last admin.
    LastAdmin 409 "last_admin" "Last admin";
    /// The service would lose its last root user.
    LastRoot 409 "last_root" "Last root user";
    /// The record has changed since it was read.
    VersionMismatch 409 "version_mismatch" "Version mismatch";
    /// The user owns something elsewhere.
    Held 409 "held" "Held";
    /// The invite has been used.
    InviteUsed 409 "invite_used" "Invite already used";
    /// The identity or the user is bound already.
    AlreadyRegistered 409 "already_registered" "Already registered";
    /// The user has no password here.
    NoPassword 409 "no_password" "No password";
    /// The identity at a provider opens another sign-in.
    ProviderTaken 409 "provider_taken" "Identity linked elsewhere";
    /// The sign-in has as many identities at providers as one may.
    TooManyProviders 409 "too_many_providers" "Too many providers";
    /// Without it nothing would open the sign-in.
    LastCredential 409 "last_credential" "Last credential";
    /// There is a second factor already.
    TotpEnrolled 409 "totp_enrolled" "Second factor already set up";
    /// The call with this Idempotency-Key was carried out, but its reply is not known any more.
    ReplyLost 409 "reply_lost" "Reply lost";
    /// The body is too large.
    TooLarge 413 "too_large" "Body too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType 415 "unsupported_media_type" "Unsupported media type";
    /// Fields have values that cannot be accepted.
    ValidationFailed 422 "validation_failed" "Validation failed";
    /// There are more users than are looked at for one page.
    TooManyUsers 422 "too_many_users" "Too many users";
    /// The Idempotency-Key was used with another request.
    IdempotencyMismatch 422 "idempotency_mismatch" "Idempotency-Key used for another request";
    /// The caller must slow down.
    TooManyRequests 429 "too_many_requests" "Too many requests";
    /// The service failed.
    Internal 500 "internal" "Internal error";
    /// The service cannot answer right now.
    Unavailable 503 "unavailable" "Unavailable";
    /// A provider cannot be reached, or makes no sense.
    ProviderUnavailable 503 "provider_unavailable" "Provider unavailable";
}
