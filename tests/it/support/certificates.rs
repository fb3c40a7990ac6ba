//! Certificates of a test's own, by an authority that nobody trusts unless told to.

use std::{path::Path, process::Command, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// An authority in `ca.pem`, and a certificate for 127.0.0.1 and `issuer.test` in `server.pem`, its key in `server.key`.
pub(crate) struct Certificates(TempDir);

impl Certificates {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let authority = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                         -subj /CN=test-authority -keyout ca.key -out ca.pem \
                         -addext basicConstraints=critical,CA:TRUE \
                         -addext keyUsage=critical,keyCertSign";
        let certificate = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                           -subj /CN=test-server -keyout server.key -out server.pem \
                           -CA ca.pem -CAkey ca.key \
                           -addext subjectAltName=IP:127.0.0.1,DNS:issuer.test \
                           -addext basicConstraints=critical,CA:FALSE";
        openssl(folder.path(), authority);
        openssl(folder.path(), certificate);
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// What takes connections with that certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let chain = CertificateDer::pem_file_iter(self.path("server.pem")).unwrap();
        let chain = chain.map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(self.path("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config).into()
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let done = command.args(arguments.split_whitespace()).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
