//! Folders and buckets behind one door, by way of `object_store`.
//!
//! **Invariant:** an object appears under its name only when all of it is durable; no error names a credential. Folders that
//! are made here are their owner's alone, since a head holds what passphrases can be tried against.

use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Name;
use object_store::{
    BackoffConfig, ClientOptions, Error, HeaderMap, HeaderValue, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
};
use tokio::runtime::{Builder, Runtime};

use super::place::{Bucket, Hold, HoldMode, Place, PlaceError, Store, Stored};
use crate::clock::Timestamp;

/// Opens a place.
pub(super) fn connect(
    place: &Place,
    hold: Option<Hold>,
    environment: &[(String, String)],
) -> Result<Arc<dyn Store>, PlaceError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let mut root = None;
    let (objects, prefix, hold): (Arc<dyn ObjectStore>, _, _) = match place {
        Place::Folder(path) => {
            private_folder(path).map_err(failed)?;
            root = Some(path.clone());
            let folder = LocalFileSystem::new_with_prefix(path).map_err(refused)?;
            (Arc::new(folder.with_automatic_cleanup(true).with_fsync(true)), "", None)
        }
        Place::Bucket(bucket) => (Arc::new(s3(bucket, hold, environment)?), bucket.prefix.as_str(), hold),
    };
    let (place, prefix) = (place.to_string(), prefix.to_owned());
    Ok(Arc::new(Objects { place, prefix, hold, root, objects, runtime }))
}

/// What the system's error means.
fn failed(error: std::io::Error) -> PlaceError {
    use std::io::ErrorKind as K;
    match error.kind() {
        K::PermissionDenied | K::ReadOnlyFilesystem => PlaceError::Refused(plain(&error)),
        K::StorageFull => PlaceError::Full,
        _ => PlaceError::Failed(plain(&error)),
    }
}

/// The system's or a store's words without the system's number.
fn plain(error: &dyn std::error::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// A folder, made with those above it where they are missing, for its owner alone. What is there stays as it is.
fn private_folder(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn s3(
    bucket: &Bucket,
    hold: Option<Hold>,
    environment: &[(String, String)],
) -> Result<object_store::aws::AmazonS3, PlaceError> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else's choice counts where there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = AmazonS3Builder::new().with_bucket_name(&bucket.name);
    for (name, value) in environment {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>()
            && name.starts_with("AWS_")
            && !matches!(key, AmazonS3ConfigKey::Bucket)
        {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(region) = &bucket.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &bucket.endpoint {
        // What travels is sealed and requests are signed, so a store of one's own may be reached without TLS.
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    let mut options = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(10))
        .with_timeout(Duration::from_secs(300))
        .with_allow_http(bucket.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://")));
    if let Some(hold) = hold {
        options = options.with_default_headers(held(hold)?);
        builder = builder.with_checksum_algorithm(Checksum::SHA256);
    }
    let retry =
        RetryConfig { backoff: BackoffConfig::default(), max_retries: 4, retry_timeout: Duration::from_secs(60) };
    builder.with_client_options(options).with_retry(retry).build().map_err(refused)
}

fn held(hold: Hold) -> Result<HeaderMap, PlaceError> {
    let mode = match hold.mode {
        HoldMode::Governance => "GOVERNANCE",
        HoldMode::Compliance => "COMPLIANCE",
    };
    let until = HeaderValue::from_str(&hold.until.rfc3339()).map_err(|error| PlaceError::Failed(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-object-lock-mode", HeaderValue::from_static(mode));
    headers.insert("x-amz-object-lock-retain-until-date", until);
    // A store demands a checksum of what it is to lock; some want it announced as well.
    headers.insert("x-amz-sdk-checksum-algorithm", HeaderValue::from_static("SHA256"));
    Ok(headers)
}

struct Objects {
    place: String,
    prefix: String,
    hold: Option<Hold>,
    /// The folder, where the place is one.
    root: Option<PathBuf>,
    objects: Arc<dyn ObjectStore>,
    runtime: Runtime,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Objects {
    fn name(&self, name: &str) -> Name {
        Name::from_iter(self.prefix.split('/').chain(name.split('/')).filter(|part| !part.is_empty()))
    }
}

impl Store for Objects {
    fn place(&self) -> &str {
        &self.place
    }

    fn hold(&self) -> Option<Hold> {
        self.hold
    }

    fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), PlaceError> {
        let folder = self.root.as_ref().zip(name.rsplit_once('/')).map(|(root, (folder, _))| root.join(folder));
        if let Some(folder) = &folder {
            private_folder(folder).map_err(failed)?;
        }
        let name = self.name(name);
        let put = async { self.objects.put(&name, PutPayload::from(bytes)).await };
        let put = self.runtime.block_on(put).map(|_| ()).map_err(refused);
        if let (Err(_), Some(folder)) = (&put, &folder) {
            // An empty folder would look like a backup that was cut off. One that is not empty stays.
            let _ = std::fs::remove_dir(folder);
        }
        put
    }

    fn get(&self, name: &str, most: u64) -> Result<Vec<u8>, PlaceError> {
        let name = self.name(name);
        let bytes = self.runtime.block_on(async {
            let found = self.objects.get(&name).await.map_err(refused)?;
            if found.meta.size > most {
                return Err(PlaceError::TooLong(found.meta.size));
            }
            found.bytes().await.map_err(refused)
        })?;
        Ok(bytes.into())
    }

    fn list(&self, folder: &str) -> Result<Vec<Stored>, PlaceError> {
        let folder = self.name(folder);
        let found = self.runtime.block_on(async { self.objects.list_with_delimiter(Some(&folder)).await });
        let found = match found {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(Vec::new()),
            Err(error) => return Err(refused(error)),
        };
        let last = |name: &Name| name.filename().unwrap_or_default().to_owned();
        let folders = found.common_prefixes.iter().map(|name| Stored::Folder(last(name)));
        let objects = found.objects.iter().map(|object| Stored::Object {
            name: last(&object.location),
            bytes: object.size,
            written: Timestamp::from(object.last_modified),
        });
        Ok(folders.chain(objects).collect())
    }

    fn delete(&self, name: &str) -> Result<(), PlaceError> {
        let name = self.name(name);
        match self.runtime.block_on(async { self.objects.delete(&name).await }) {
            Err(Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }
}

/// What a store's error means. The text is the innermost cause: what is round it names this machine's requests.
fn refused(error: Error) -> PlaceError {
    use std::io::ErrorKind as K;
    if matches!(error, Error::NotFound { .. }) {
        return PlaceError::Missing;
    }
    let mut cause: &(dyn std::error::Error + 'static) = &error;
    let mut kind = None;
    loop {
        kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(kind);
        match cause.source() {
            Some(inner) => cause = inner,
            None => break,
        }
    }
    match error {
        _ if kind == Some(K::StorageFull) => PlaceError::Full,
        _ if matches!(kind, Some(K::PermissionDenied | K::ReadOnlyFilesystem)) => PlaceError::Refused(plain(cause)),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => PlaceError::Refused(cause.to_string()),
        _ => PlaceError::Failed(cause.to_string()),
    }
}
