//! The SDK's configuration: where, as whom, and how long to wait.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
    meta::{credentials::CredentialsProviderChain, region::RegionProviderChain},
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::{
    Client,
    config::{Credentials, SharedHttpClient, StalledStreamProtectionConfig},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPT: Duration = Duration::from_secs(3);
const OPERATION: Duration = Duration::from_secs(8);

/// Looks up region and credentials.
pub(super) async fn configure(endpoint: Option<String>) -> SdkConfig {
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http());
    let Some(endpoint) = endpoint else { return loader.load().await };
    // Without TLS it is an emulator: nothing that AWS would be asked for is to be had, and asking
    // a machine's metadata service where there is none takes seconds.
    let emulated = endpoint.starts_with("http://");
    let loader = loader.endpoint_url(endpoint);
    if emulated { emulator(loader).await.load().await } else { loader.load().await }
}

async fn emulator(loader: ConfigLoader) -> ConfigLoader {
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .or_else(Region::new("us-east-1"))
        .region()
        .await;
    let provider =
        ProviderConfig::without_region().with_region(region.clone()).with_http_client(http());
    let made_up = Credentials::builder()
        .access_key_id("local")
        .secret_access_key("local")
        .provider_name("local")
        .build();
    let environment = EnvironmentVariableCredentialsProvider::new();
    let profile = ProfileFileCredentialsProvider::builder().configure(&provider).build();
    let credentials = CredentialsProviderChain::first_try("environment", environment)
        .or_else("profile", profile)
        .or_else("local", made_up);
    loader.region(region).credentials_provider(credentials)
}

/// A client that tries each call once: only `call` knows which calls may be repeated.
pub(super) fn client(config: &SdkConfig) -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build();
    let config = aws_sdk_dynamodb::config::Builder::from(config)
        .http_client(http())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::disabled())
        // Answers are small, and the attempt's time-out covers them.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn http() -> SharedHttpClient {
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https()
}
