//! Where a command listens.

use std::io::ErrorKind;
use std::net::{SocketAddr, ToSocketAddrs as _};

use crate::failure::{Failure, Outcome, reason};

/// The address that a call names.
///
/// # Errors
/// When it is no address, or the system does not know it.
pub(crate) fn address(written: &str) -> Outcome<SocketAddr> {
    let wrong = || Failure::call(format!("`{written}` is no HOST:PORT to listen at, such as 0.0.0.0:9443"));
    let found = written.to_socket_addrs().map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => wrong(),
        _ => Failure::World(format!("cannot listen at {written}: {}", reason(&error))),
    });
    found?.next().ok_or_else(wrong)
}
