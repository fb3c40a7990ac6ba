//! The end of a connection whose client is still sending. What comes is read and thrown away for a moment: the system resets
//! a connection that is closed with something unread, and its client may lose the answer (RFC 9112, section 9.6).

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// How long that goes on, and for how much.
const LONGEST: Duration = Duration::from_secs(2);
const MOST_BYTES: usize = 1 << 20;
/// How much is read at once.
const PIECE: usize = 4096;

/// Marks the answer to a request of which something is unread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StillSending;

/// A stream that stays for a moment once it is shut down, if its client is still sending.
pub(crate) struct Linger<S> {
    stream: S,
    still_sending: Arc<AtomicBool>,
    ending: Option<Ending>,
}

struct Ending {
    late: Pin<Box<Sleep>>,
    bytes: usize,
}

impl<S: AsyncRead + Unpin> Linger<S> {
    /// A stream, and what says whether its client is still sending.
    pub(crate) fn new(stream: S, still_sending: Arc<AtomicBool>) -> Self {
        Self { stream, still_sending, ending: None }
    }

    /// Reads until the client has ended its side as well, or for long enough. What goes wrong is the end, too.
    fn throw_away(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(ending) = &mut self.ending else { return Poll::Ready(()) };
        while ending.bytes < MOST_BYTES {
            let mut piece = [0; PIECE];
            let mut piece = ReadBuf::new(&mut piece);
            match Pin::new(&mut self.stream).poll_read(cx, &mut piece) {
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => {
                    ending.bytes += piece.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return ending.late.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if !self.still_sending.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            self.ending = Some(Ending { late: Box::pin(sleep(LONGEST)), bytes: 0 });
        }
        self.throw_away(cx).map(Ok)
    }
}
