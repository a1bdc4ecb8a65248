//! Whether a file lies in a folder that a cloud service synchronises.
//!
//! Such a service copies a file while it is being written and may put an older one back, so a live vault does not belong
//! there; a backup may. **Invariant:** nothing here touches the disk; what lies in a folder is told by whoever asks.

use std::path::Path;

/// A service that synchronises folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    /// Dropbox.
    Dropbox,
    /// Microsoft OneDrive.
    OneDrive,
    /// Apple iCloud Drive.
    ICloud,
    /// Google Drive.
    GoogleDrive,
    /// Nextcloud or ownCloud.
    Nextcloud,
    /// Syncthing.
    Syncthing,
    /// 百度网盘.
    Baidu,
    /// 坚果云.
    Nutstore,
    /// pCloud, MEGA or Box.
    Other,
}

impl Cloud {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dropbox => "Dropbox",
            Self::OneDrive => "OneDrive",
            Self::ICloud => "iCloud Drive",
            Self::GoogleDrive => "Google Drive",
            Self::Nextcloud => "Nextcloud/ownCloud",
            Self::Syncthing => "Syncthing",
            Self::Baidu => "百度网盘 (Baidu)",
            Self::Nutstore => "坚果云 (Nutstore)",
            Self::Other => "a cloud drive",
        }
    }
}

/// What a service leaves in the folders that it synchronises.
const MARKERS: &[(&str, Cloud)] = &[
    (".dropbox", Cloud::Dropbox),
    (".dropbox.cache", Cloud::Dropbox),
    (".stfolder", Cloud::Syncthing),
    (".stversions", Cloud::Syncthing),
    (".owncloudsync.log", Cloud::Nextcloud),
    (".sync_nextcloud", Cloud::Nextcloud),
    (".849c9593-d756-4e56-8d6e-42412f2a707b", Cloud::OneDrive),
    (".nutstore", Cloud::Nutstore),
    (".tmp.drivedownload", Cloud::GoogleDrive),
    (".tmp.driveupload", Cloud::GoogleDrive),
    (".baiduyun.uploading.cfg", Cloud::Baidu),
];

/// How such folders are called: the name's beginning, folded, and what has to follow it.
const NAMES: &[(&str, Cloud)] = &[
    ("dropbox", Cloud::Dropbox),
    ("onedrive", Cloud::OneDrive),
    ("icloud drive", Cloud::ICloud),
    ("iclouddrive", Cloud::ICloud),
    ("mobile documents", Cloud::ICloud),
    ("com~apple~clouddocs", Cloud::ICloud),
    ("google drive", Cloud::GoogleDrive),
    ("googledrive", Cloud::GoogleDrive),
    ("my drive", Cloud::GoogleDrive),
    ("nextcloud", Cloud::Nextcloud),
    ("owncloud", Cloud::Nextcloud),
    ("syncthing", Cloud::Syncthing),
    ("baidunetdisk", Cloud::Baidu),
    ("baiduyun", Cloud::Baidu),
    ("baidusyncdisk", Cloud::Baidu),
    ("百度网盘", Cloud::Baidu),
    ("百度云", Cloud::Baidu),
    ("坚果云", Cloud::Nutstore),
    ("我的坚果云", Cloud::Nutstore),
    ("nutstore", Cloud::Nutstore),
    ("pcloud", Cloud::Other),
    ("pclouddrive", Cloud::Other),
    ("megasync", Cloud::Other),
    ("box sync", Cloud::Other),
];

/// The service in whose folder `file` lies, if any. `entries` gives the names of what a folder holds.
pub fn around(file: &Path, entries: &dyn Fn(&Path) -> Vec<String>) -> Option<Cloud> {
    file.ancestors().skip(1).find_map(|folder| {
        let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let by_name = NAMES.iter().find(|(known, _)| is_called(&name, known)).map(|(_, cloud)| *cloud);
        by_name.or_else(|| {
            let inside = entries(folder);
            let has = |marker: &str| inside.iter().any(|name| is_marker(name, marker));
            MARKERS.iter().find(|(marker, _)| has(marker)).map(|(_, cloud)| *cloud)
        })
    })
}

/// `OneDrive - Firm` and `Dropbox (Personal)` are called so; `dropbox-tools` is not.
fn is_called(name: &str, known: &str) -> bool {
    name.strip_prefix(known).is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(" -") || rest.starts_with(" (") || rest.starts_with("-personal")
    })
}

fn is_marker(name: &str, marker: &str) -> bool {
    let name = name.to_lowercase();
    // Journals of Nextcloud and ownCloud have a name of their own in each folder.
    name == marker || (marker == ".sync_nextcloud" && name.starts_with(".sync_") && name.ends_with(".db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> Option<Cloud> {
        around(Path::new(path), &|_| Vec::new())
    }

    #[test]
    fn folders_of_cloud_services_are_known_by_their_names() {
        for (path, cloud) in [
            ("/home/wang/Dropbox/shop.veil", Cloud::Dropbox),
            ("/home/wang/Dropbox (Personal)/firm/shop.veil", Cloud::Dropbox),
            ("/mnt/c/Users/W/OneDrive - Firm/books/shop.veil", Cloud::OneDrive),
            ("/Users/w/Library/Mobile Documents/com~apple~CloudDocs/shop.veil", Cloud::ICloud),
            ("/Users/w/Google Drive/shop.veil", Cloud::GoogleDrive),
            ("/home/w/Nextcloud/a/b/c/shop.veil", Cloud::Nextcloud),
            ("/home/w/BaiduSyncdisk/shop.veil", Cloud::Baidu),
            ("/home/w/百度网盘/shop.veil", Cloud::Baidu),
            ("/home/w/我的坚果云/shop.veil", Cloud::Nutstore),
        ] {
            assert_eq!(named(path), Some(cloud), "{path}");
        }
        for path in ["/home/w/shop.veil", "/home/w/dropbox-tools/shop.veil", "/srv/drive/shop.veil", "Dropbox"] {
            assert_eq!(named(path), None, "{path}");
        }
    }

    #[test]
    fn folders_of_cloud_services_are_known_by_what_lies_in_them() {
        for (marker, cloud) in [
            (".stfolder", Cloud::Syncthing),
            (".dropbox", Cloud::Dropbox),
            (".sync_8f3a2c.db", Cloud::Nextcloud),
            (".owncloudsync.log", Cloud::Nextcloud),
        ] {
            let entries = |folder: &Path| {
                if folder == Path::new("/data/shared") { vec!["x".to_owned(), marker.to_owned()] } else { Vec::new() }
            };
            assert_eq!(around(Path::new("/data/shared/sub/shop.veil"), &entries), Some(cloud), "{marker}");
            assert_eq!(around(Path::new("/data/other/shop.veil"), &entries), None, "{marker}");
        }
    }
}
