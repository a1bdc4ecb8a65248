//! One terminal's bytes between an SSH channel and the server's socket.
//!
//! **Invariant:** of what goes either way only a few pieces are in memory here; whoever does not read makes the other side
//! wait. However it ends, the terminal is given back and the client gets an exit status, as far as it still listens.

use std::path::PathBuf;
use std::time::Duration;

use russh::ChannelWriteHalf;
use russh::server::Msg;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use zeroize::Zeroizing;

use super::super::encoder;
use super::super::wire::{Decoder, FromClient, FromServer, Hello};
use super::{Phase, Running};
use crate::app::i18n::Words;
use crate::text::Printable;

/// How many bytes are passed on at once.
const PIECE: usize = 8 * 1024;
/// How long the server may take to answer, and the client to take its farewell.
const PATIENCE: Duration = Duration::from_secs(5);

/// One terminal on its way to the server.
pub(super) struct Carriage {
    /// What is said first.
    pub hello: Hello,
    /// Where the server listens.
    pub socket: PathBuf,
    /// The client's channel.
    pub channel: ChannelWriteHalf<Msg>,
    /// What the client sends.
    pub inbox: mpsc::Receiver<FromClient>,
    /// In whose language the client is told.
    pub words: Words,
    /// How far the connection is.
    pub phase: watch::Sender<Phase>,
    /// Whether the listener is to end.
    pub running: watch::Receiver<Running>,
}

/// How it ended.
enum Ending {
    /// The server said so: exit code, and words where the screen is gone.
    Said(u8, String),
    /// The server is not there.
    NoServer,
    /// It went without a word.
    Lost,
    /// The client is gone.
    HungUp,
    /// The listener is to end.
    Stopping,
}

/// Carries until somebody ends it.
pub(super) async fn carry(mut carriage: Carriage) {
    let ending = match tokio::time::timeout(PATIENCE, UnixStream::connect(&carriage.socket)).await {
        Ok(Ok(stream)) => between(&mut carriage, stream).await,
        _ => Ending::NoServer,
    };
    // Who does not take it in by then gets the connection's end.
    let _ = tokio::time::timeout(PATIENCE, farewell(&carriage, ending)).await;
    carriage.phase.send_replace(Phase::Leaving);
}

async fn between(carriage: &mut Carriage, stream: UnixStream) -> Ending {
    let (mut from, mut to) = stream.into_split();
    let hello = FromClient::Hello(Box::new(carriage.hello.clone())).bytes();
    if to.write_all(&hello).await.is_err() {
        return Ending::Lost;
    }
    let (words, mut orders) = mpsc::channel(1);
    let mut screen = carriage.channel.make_writer();
    tokio::select! {
        ending = outward(&mut from, &mut screen, &words) => ending,
        () = inward(&mut carriage.inbox, &mut orders, &mut to) => Ending::HungUp,
        _ = carriage.running.wait_for(|running| *running == Running::Stopping) => Ending::Stopping,
    }
}

/// What the client sends, to the server; ends when the client is gone. A server that does not listen any more may still
/// have something to say, so that is not an end.
async fn inward(
    inbox: &mut mpsc::Receiver<FromClient>,
    orders: &mut mpsc::Receiver<FromClient>,
    to: &mut OwnedWriteHalf,
) {
    loop {
        let frame = tokio::select! {
            frame = inbox.recv() => frame,
            frame = orders.recv() => frame,
        };
        let Some(frame) = frame else { return };
        // What cannot be written is dropped.
        let _ = to.write_all(&frame.bytes()).await;
    }
}

/// What the server draws, to the client.
async fn outward(
    from: &mut OwnedReadHalf,
    to: &mut (impl AsyncWrite + Unpin),
    answers: &mpsc::Sender<FromClient>,
) -> Ending {
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    loop {
        let mut head = [0; 5];
        if from.read_exact(&mut head).await.is_err() {
            return Ending::Lost;
        }
        let mut decoder = Decoder::default();
        decoder.feed(&head);
        let Ok(mut missing) = decoder.missing() else { return Ending::Lost };
        let is_screen = head.first() == Some(&FromServer::SCREEN);
        while missing > 0 {
            let Some(room) = piece.get_mut(..missing.min(PIECE)) else { return Ending::Lost };
            let count = match read(from, room).await {
                Some(count) => count,
                None => return Ending::Lost,
            };
            missing -= count;
            let came = room.get(..count).unwrap_or_default();
            if !is_screen {
                decoder.feed(came);
            } else if to.write_all(came).await.is_err() {
                return Ending::HungUp;
            }
        }
        if is_screen {
            continue;
        }
        match decoder.server() {
            Ok(Some(FromServer::End(code, words))) => return Ending::Said(code, words),
            // There is no shell here to go back to, so it goes on at once.
            Ok(Some(FromServer::Suspend)) => {
                if answers.send(FromClient::Continued).await.is_err() {
                    return Ending::HungUp;
                }
            }
            // Whatever else a server asks is not for a listener.
            _ => return Ending::Lost,
        }
    }
}

/// Some bytes; none where there are no more.
async fn read(from: &mut (impl AsyncRead + Unpin), room: &mut [u8]) -> Option<usize> {
    from.read(room).await.ok().filter(|count| *count > 0)
}

async fn farewell(carriage: &Carriage, ending: Ending) {
    let words = &carriage.words;
    let (gives_back, line, code) = match ending {
        Ending::Said(code, line) => (false, Printable::line(&line).into_string(), code),
        Ending::NoServer => (false, words.t("ssh-no-server"), 1),
        Ending::Lost => (true, words.t("ssh-lost"), 1),
        Ending::Stopping => (true, words.t("ssh-stopping"), 1),
        Ending::HungUp => return,
    };
    let mut screen = carriage.channel.make_writer();
    let mut last = if gives_back { encoder::leave() } else { Vec::new() };
    if !line.is_empty() {
        last.extend_from_slice(line.as_bytes());
        last.extend_from_slice(b"\r\n");
    }
    // Each of these fails only where the client is gone.
    let _ = screen.write_all(&last).await;
    let _ = carriage.channel.exit_status(u32::from(code)).await;
    let _ = carriage.channel.eof().await;
    let _ = carriage.channel.close().await;
}
