//! One call to DynamoDB: what its failure means, and whether to try again.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};
use tokio::time::{Instant, sleep};

use super::{Attributes, Error};
use crate::{error::with_causes, random::Random};

/// How long after its beginning a call is still tried again.
const DEADLINE: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// Why a call failed.
pub(super) enum Failure {
    /// A condition did not hold, that of the operation `op`; `current` is what was there. `in_doubt`
    /// if an earlier attempt may have been applied.
    Condition { op: usize, current: Option<Attributes>, in_doubt: bool },
    /// Throttled or in conflict; nothing was applied.
    Busy(String),
    /// The answer was lost; whether the call was applied is not known.
    Lost(String),
    /// Trying again is of no use.
    Final(Error),
}

/// Whether a call may be tried again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Whenever it failed: to apply it twice is the same as once.
    Always,
    /// Only if it was not applied for certain.
    UnlessLost,
}

/// Makes a call until it succeeds, fails for good, or the deadline has come.
pub(super) async fn retry<T, F>(repeat: Repeat, call: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let deadline = Instant::now() + DEADLINE;
    let mut longest = FIRST_PAUSE;
    let mut in_doubt = false;
    loop {
        let failure = match call().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let late = Instant::now() + longest > deadline;
        match failure {
            Failure::Busy(_) if !late => {}
            Failure::Lost(_) if !late && repeat == Repeat::Always => in_doubt = true,
            Failure::Busy(why) if in_doubt => return Err(Failure::Lost(why)),
            Failure::Condition { op, current, .. } => {
                return Err(Failure::Condition { op, current, in_doubt });
            }
            failure @ (Failure::Busy(_) | Failure::Lost(_) | Failure::Final(_)) => {
                return Err(failure);
            }
        }
        // Random, so that those who collided do not collide again.
        sleep(longest.mul_f64(Random::System.fraction())).await;
        longest = (longest * 2).min(LONGEST_PAUSE);
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy(why) => Self::Busy(why),
            Failure::Lost(why) => Self::Unavailable(why),
            Failure::Final(error) => error,
            Failure::Condition { .. } => {
                Self::Unavailable("DynamoDB checked a condition that nobody set".to_owned())
            }
        }
    }
}

impl<E> From<SdkError<E>> for Failure
where
    E: std::error::Error + 'static,
    aws_sdk_dynamodb::Error: From<E>,
{
    fn from(error: SdkError<E>) -> Self {
        if let SdkError::ServiceError(error) = error {
            return answered(error.into_err().into());
        }
        let unsent = matches!(error, SdkError::ConstructionFailure(_));
        let why = with_causes(&error);
        if unsent { Self::Final(Error::Unavailable(why)) } else { Self::Lost(why) }
    }
}

/// What an error means that DynamoDB answered. Throttling has many names:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>.
fn answered(error: aws_sdk_dynamodb::Error) -> Failure {
    if let aws_sdk_dynamodb::Error::ConditionalCheckFailedException(failed) = error {
        return Failure::Condition { op: 0, current: failed.item, in_doubt: false };
    }
    if let aws_sdk_dynamodb::Error::TransactionCanceledException(canceled) = error {
        return cancelled(canceled.cancellation_reasons.unwrap_or_default());
    }
    let why = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(_), None) | (None, _) => with_causes(&error),
    };
    match error.code().unwrap_or_default() {
        "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ThrottlingException"
        | "TransactionConflictException"
        | "TransactionInProgressException" => Failure::Busy(why),
        "InternalServerError" | "ServiceUnavailable" | "ServiceUnavailableException" => {
            Failure::Lost(why)
        }
        "ValidationException" => Failure::Final(Error::Invalid(why)),
        "ResourceNotFoundException" => {
            Failure::Final(Error::Missing("create it with: guestlist table create".to_owned()))
        }
        // Who calls is not known, or may not: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
        "AccessDeniedException"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken"
        | "NotAuthorized"
        | "UnrecognizedClientException" => Failure::Final(Error::Denied(why)),
        _ => Failure::Final(Error::Unavailable(why)),
    }
}

/// What the reasons for a cancelled transaction mean, one for each of its operations.
fn cancelled(reasons: Vec<CancellationReason>) -> Failure {
    let mut others = Vec::new();
    for (op, reason) in reasons.into_iter().enumerate() {
        match reason.code.as_deref() {
            Some("ConditionalCheckFailed") => {
                return Failure::Condition { op, current: reason.item, in_doubt: false };
            }
            None | Some("None") => {}
            Some(code) => others.push(format!("{code} at operation {op}")),
        }
    }
    let why = format!("the transaction was cancelled: {}", others.join(", "));
    if why.contains("ValidationError") {
        return Failure::Final(Error::Invalid(why));
    }
    Failure::Busy(why)
}
