//! A slow line: a bucket that fills at a steady rate, and a TCP connection that runs through one.
//!
//! **Invariant:** what is on its way through a line here is a few hundred bytes and the receive buffer of one socket.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A line of this many bytes a second.
pub const RATE: u64 = 8_192;
/// At most so many bytes pass at once.
const PIECE: usize = 256;
/// What the slow end's system takes in by itself.
const WINDOW: usize = 8 * 1024;

/// How fast bytes may pass.
#[derive(Default)]
pub struct Throttle {
    /// Bytes a second; 0 lets everything pass.
    rate: AtomicU64,
}

impl Throttle {
    /// From now on at most this many bytes a second.
    pub fn slow(&self, rate: u64) {
        self.rate.store(rate, Ordering::Release);
    }

    /// How many bytes of `most` may be taken in at once.
    pub fn piece(&self, most: usize) -> usize {
        if self.rate.load(Ordering::Acquire) == 0 { most } else { most.min(PIECE) }
    }

    /// Takes the time that so many bytes need.
    pub fn pass(&self, count: usize) {
        let rate = self.rate.load(Ordering::Acquire);
        if rate > 0 {
            thread::sleep(Duration::from_secs_f64(count as f64 / rate as f64));
        }
    }
}

/// Bytes that may be taken in by now, for a loop that does other things as well.
pub struct Bucket {
    rate: f64,
    filled: Instant,
    tokens: f64,
}

impl Bucket {
    pub fn new(rate: u64) -> Self {
        Self { rate: rate as f64, filled: Instant::now(), tokens: 0.0 }
    }

    /// How many bytes may pass now; never more than [`PIECE`], so that no burst is saved up.
    pub fn tokens(&mut self) -> usize {
        let now = Instant::now();
        self.tokens = (self.tokens + self.rate * (now - self.filled).as_secs_f64()).min(PIECE as f64);
        self.filled = now;
        self.tokens as usize
    }

    pub fn take(&mut self, count: usize) {
        self.tokens -= count as f64;
    }
}

/// A TCP port of this machine from which a slow line leads to `to`; what comes back runs through `throttle`.
pub fn line(to: SocketAddr, throttle: Arc<Throttle>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        while let Ok((near, _)) = listener.accept() {
            let far = narrow(to);
            let (mut out, mut far_in) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            let throttle = Arc::clone(&throttle);
            thread::spawn(move || carry(far, &mut out, &throttle));
            thread::spawn(move || carry(near, &mut far_in, &Throttle::default()));
        }
    });
    port
}

/// A connection whose receive buffer is small from the beginning.
fn narrow(to: SocketAddr) -> TcpStream {
    use rustix::net::{AddressFamily, SocketType, connect, socket, sockopt};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    sockopt::set_socket_recv_buffer_size(&socket, WINDOW / 2).unwrap();
    connect(&socket, &to).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true).unwrap();
    stream
}

fn carry(mut from: TcpStream, to: &mut TcpStream, throttle: &Throttle) {
    let mut piece = [0; 4096];
    // Either end that closes ends both.
    while let Ok(count @ 1..) = from.read(&mut piece[..throttle.piece(4096)]) {
        throttle.pass(count);
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
