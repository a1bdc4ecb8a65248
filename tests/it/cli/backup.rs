//! Backups from the command line, end to end: made, listed, verified, drilled, lost and restored.

use super::vault::{made, objects};
use super::*;

const LIST: &str = "姓名,手机,公司\n王芳,13812341234,云栖茶业\n单雄,13900001111,\n欧阳静,13911112222,\n";

/// A vault with customers and two places for backups.
fn shop() -> Bench {
    let bench = made();
    let file = bench.file("list.csv", LIST.as_bytes());
    let import = ["import", &file, "--source", "old list", "--basis", "contract", "--duplicates", "skip"];
    bench.owner(&import).ok();
    let (near, far) = (bench.text("near"), bench.text("far"));
    let said = bench.owner(&["backup", "setup", "--add", &near, "--add", &far, "--set", "drill_days=14"]).ok();
    assert!(said.contains(&near) && said.contains("drill_days           14"), "{said}");
    bench
}

fn id_of(bench: &Bench, name: &str) -> String {
    let found = objects(&bench.owner(&["customers", name, "--json"]).ok());
    found[0]["id"].to_string()
}

#[test]
fn a_closed_vault_is_backed_up_without_any_passphrase_and_comes_back_after_the_disk_died() {
    let bench = shop();
    let done = objects(&bench.run(&["backup", "--json"]).ok());
    assert_eq!(done.iter().map(|line| line["what"].as_str().unwrap()).collect::<Vec<_>>(), ["full", "full"]);
    let near = bench.text("near");
    let listed = objects(&bench.run(&["backup", "list", &near, "--json"]).ok());
    assert_eq!((listed.len(), &listed[0]["id"]), (1, &done[0]["id"]));
    let read = objects(&bench.owner(&["backup", "verify", "--json"]).ok());
    assert_eq!(read.len(), 2);

    for gone in ["shop.veil", "shop.backup.toml", "shop.backup.log"] {
        std::fs::remove_file(bench.path(gone)).unwrap();
    }
    let to = bench.text("again.veil");
    let ran = bench.owner(&["restore", &near, "--to", &to, "--json"]);
    assert!(ran.err.contains("Restored and verified"), "{}", ran.err);
    assert_eq!(objects(&ran.ok())[0]["path"], to);
    let found = bench.owner(&["customers", "--vault", &to, "--json"]).ok();
    assert_eq!(objects(&found).len(), 3);
    assert!(bench.owner(&["audit", "list", "--vault", &to, "--json"]).ok().contains("backup.restore"));
    bench.owner(&["audit", "verify", "--vault", &to]).ok();
    bench.owner(&["restore", &near, "--to", &to]).fails(1, "already there");
    let ran = bench.owner(&["restore", &near, "--to", &bench.text("shop.veil")]);
    assert!(
        !ran.err.contains("stays as it is") && ran.err.contains("shop.veil backup setup --add PLACE"),
        "{}",
        ran.err
    );
    assert_eq!(objects(&bench.owner(&["customers", "--json"]).ok()).len(), 3);
}

#[test]
fn an_open_vault_is_backed_up_with_its_counts_and_a_drill_compares_them_and_leaves_nothing_behind() {
    let bench = shop();
    bench.owner(&["backup", "--full"]).ok();
    let before: Vec<_> = std::fs::read_dir(bench.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let drilled = objects(&bench.owner(&["drill", "--json"]).ok());
    assert_eq!(drilled[0]["what"], "drill");
    assert!(drilled[0]["tables"].as_u64().unwrap() > 25, "{drilled:?}");
    assert!(drilled[0]["rows"].as_u64().unwrap() > 5, "{drilled:?}");
    let after: Vec<_> = std::fs::read_dir(bench.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(before.len(), after.len(), "{after:?}");
    let record = bench.owner(&["audit", "list", "--json"]).ok();
    for verb in ["backup.set", "backup.make", "backup.drill"] {
        assert!(record.contains(verb), "{verb}");
    }
    let said = bench.owner(&["doctor"]).out;
    assert!(said.contains("last drill a moment ago") && said.contains("vault's own disk"), "{said}");
}

#[test]
fn what_changed_alone_moves_and_old_ones_go_by_the_policy() {
    let bench = shop();
    let whole = objects(&bench.run(&["backup", "--json"]).ok())[0]["bytes"].as_u64().unwrap();
    bench.clock.advance(3_600);
    bench.owner(&["interaction", "add", &id_of(&bench, "王芳"), "--kind", "call", "--text", "called"]).ok();
    let part = objects(&bench.run(&["backup", "--json"]).ok());
    assert_eq!(part[0]["what"], "incremental");
    assert!(part[0]["bytes"].as_u64().unwrap() < whole, "{part:?} of {whole}");
    bench.run(&["restore", &bench.text("near")]).fails(4, "nobody was named");
    bench.owner(&["restore", &bench.text("near")]).ok();
}

#[test]
fn restored_over_newer_data_says_what_is_newer_and_leaves_the_old_file_as_it_is() {
    let bench = shop();
    bench.owner(&["backup"]).ok();
    bench.clock.advance(60);
    let id = id_of(&bench, "单雄");
    bench.owner(&["interaction", "add", &id, "--kind", "call", "--text", "called later"]).ok();
    let bytes = std::fs::read(bench.path("shop.veil")).unwrap().len();
    let ran = bench.owner(&["restore", &bench.text("near")]);
    assert!(ran.err.contains("is newer") && ran.err.contains("stays as it is"), "{}", ran.err);
    let path = ran.ok().trim().to_owned();
    assert!(path.contains("shop.restored-"), "{path}");
    assert!(!bench.owner(&["show", &id, "--vault", &path]).ok().contains("called later"));
    assert!(bench.owner(&["show", &id]).ok().contains("called later"));
    assert!(std::fs::read(bench.path("shop.veil")).unwrap().len() >= bytes);
}

#[test]
fn who_was_erased_after_a_backup_does_not_come_back_with_it() {
    // The vault itself still knows; a newer backup knows; the state folder knows.
    for (at, lost) in [&[][..], &["shop.veil", "state"], &["shop.veil", "near2"]].into_iter().enumerate() {
        let bench = shop();
        let old = objects(&bench.owner(&["backup", "--json"]).ok())[0]["id"].as_str().unwrap().to_owned();
        bench.clock.advance(3_700);
        let id = id_of(&bench, "欧阳静");
        let wrong = bench.run_as("Owner", &["erase", &id, "--reason", "legal_audit", "--confirm", "99"], "");
        wrong.fails(2, "second time");
        let erase = ["erase", &id, "--reason", "legal_audit", "--text", "asked by letter", "--confirm", &id];
        bench.owner(&erase).ok();
        bench.clock.advance(60);
        if at == 1 {
            bench.owner(&["backup", "--full"]).ok();
        }
        for gone in lost {
            let path = bench.path(gone);
            let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        }
        let ran = bench.owner(&["restore", &bench.text("near"), &old, "--to", &bench.text("again.veil"), "--json"]);
        let line = objects(&ran.ok());
        assert_eq!(line[0]["erased_again"], 1, "case {at}");
        let found = bench.owner(&["customers", "--vault", &bench.text("again.veil"), "--json"]).ok();
        assert!(!found.contains("欧阳静") && found.contains("王芳"), "{found}");
        bench.owner(&["audit", "verify", "--vault", &bench.text("again.veil")]).ok();
    }
}

#[test]
fn what_is_wrong_with_places_settings_and_rights_is_said() {
    let bench = made();
    bench.run(&["backup"]).fails(1, "no place for backups");
    bench.owner(&["backup", "setup", "--add", "relative"]).fails(1, "whole path");
    bench.owner(&["backup", "setup", "--set", "full_hours=0"]).fails(1, "from 1 to 8760");
    bench.run(&["backup", "verify"]).fails(4, "nobody was named");
    bench.run(&["restore", &bench.text("nowhere")]).fails(1, "it is not there");
    assert!(!bench.path("nowhere").exists(), "reading makes no folder");
    let empty = bench.path("empty");
    std::fs::create_dir(&empty).unwrap();
    assert!(bench.run(&["backup", "list", &bench.text("empty")]).err.contains("There is no backup at"));
    bench.owner(&["backup", "setup", "--set", "hours=1"]).fails(1, "shows the settings' names");
    bench.file("shop.backup.toml", b"version = 1\nplace = [\"/mnt\"]\n");
    bench.run(&["backup"]).fails(1, "line 2");
    let said = bench.run(&["doctor"]).out;
    assert!(said.contains("line 2"), "{said}");
}

#[test]
fn a_vault_that_somebody_has_open_is_left_to_them_and_wrong_passphrases_open_no_backup() {
    let bench = shop();
    bench.run(&["backup"]).ok();
    let gate = veilbook::service::gate::Gate::new(bench.path("shop.veil"), bench.deps());
    let session = gate.login("Owner", PASSPHRASE, veilbook::domain::audit::Origin::Screen).unwrap();
    bench.clock.advance(60);
    let ran = bench.run(&["backup"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    session.end();
    drop(session);
    gate.seal();
    bench.secret("wrong.pass", "another harbour lantern nine");
    let wrong = ["restore", &bench.text("near"), "--as", "Owner", "--passphrase-file", &bench.text("wrong.pass")];
    let ran = bench.run(&wrong);
    assert!(ran.code == 4 && ran.err.contains("wrong"), "{}", ran.err);
    assert!(!bench.path("shop.restored-20261121-140000.veil").exists());
}

#[test]
fn init_takes_places_and_says_where_none_is_set() {
    let bench = Bench::new();
    let secret = bench.text("owner.pass");
    let base = ["init", "--owner", "Owner", "--passphrase-file", &secret];
    let wrong = bench.run(&[&base[..], &["--backup", "here"]].concat());
    wrong.fails(2, "whole path");
    let ran = bench.run(&[&base[..], &["--backup", &bench.text("near")]].concat());
    assert!(ran.err.contains("Backups go to"), "{}", ran.err);
    ran.ok();
    let other = bench.text("other.veil");
    let ran = bench.run(&[&base[..], &["--vault", &other]].concat());
    assert!(ran.err.contains("No place for backups"), "{}", ran.err);
    let answers = [PASSPHRASE, PASSPHRASE, "n", "here", &bench.text("a"), &bench.text("b")].map(str::to_owned);
    let asked = bench.text("asked.veil");
    let mut typist = Typist(Some(answers.into()), Vec::new());
    let (_, _, err) = bench.outcome(&["init", "--owner", "Owner", "--vault", &asked], "", &mut typist);
    assert_eq!(err.matches("Backups go to").count(), 2, "{err}");
}

#[test]
fn recovery_words_open_a_backup_after_disk_and_passphrase_are_lost() {
    let bench = shop();
    let mut typist = Typist(Some(["Owner", PASSPHRASE].map(str::to_owned).into()), Vec::new());
    bench.outcome(&["recovery", "new"], "", &mut typist);
    let words = typist.1.join(" ");
    bench.owner(&["backup"]).ok();
    std::fs::remove_file(bench.path("shop.veil")).unwrap();
    bench.secret("new.pass", "another harbour lantern nine");
    let (near, to) = (bench.text("near"), bench.text("again.veil"));
    let restore = ["restore", &near, "--recovery", "--to", &to];
    let wrong = bench.run_as("New", &restore, "abandon abandon abandon\n");
    assert_eq!(wrong.code, 4, "{}", wrong.err);
    assert!(!bench.path("again.veil").exists());
    bench.run_as("New", &restore, &words).ok();
    let found = bench.run_as("New", &["customers", "--vault", &to, "--json"], "").ok();
    assert_eq!(objects(&found).len(), 3);
    let record = bench.run_as("New", &["audit", "list", "--vault", &to], "").ok();
    assert!(record.contains("backup.restore"), "{record}");
}

#[test]
fn a_place_whose_disk_is_not_mounted_gets_no_backup_until_it_is_back_or_begun_anew() {
    let bench = shop();
    bench.run(&["backup"]).ok();
    let (near, away) = (bench.path("near"), bench.path("near-away"));
    std::fs::rename(&near, &away).unwrap();
    // The mount point is gone with the disk, or is there and empty.
    let refused = || {
        // The other place gets its backup all the same.
        let ran = bench.run(&["backup"]);
        assert!(ran.code == 1 && ran.err.contains("may not be mounted") && ran.out.contains("far"), "{}", ran.err);
    };
    refused();
    assert!(!near.exists());
    std::fs::create_dir(&near).unwrap();
    refused();
    assert_eq!(std::fs::read_dir(&near).unwrap().count(), 0);
    std::fs::remove_dir(&near).unwrap();
    std::fs::rename(&away, &near).unwrap();
    assert_eq!(objects(&bench.run(&["backup", "--json"]).ok())[0]["what"], "incremental");
    std::fs::remove_dir_all(&near).unwrap();
    let near = bench.text("near");
    bench.owner(&["backup", "setup", "--remove", &near, "--add", &near]).ok();
    let done = objects(&bench.run(&["backup", "--json"]).ok());
    assert!(done.iter().any(|line| line["place"] == near && line["what"] == "full"), "{done:?}");
}

#[test]
fn a_backup_in_a_folder_is_its_owners_alone_and_a_target_without_a_folder_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let bench = shop();
    // The place was made by somebody else, open to all.
    std::fs::create_dir(bench.path("near")).unwrap();
    std::fs::set_permissions(bench.path("near"), std::fs::Permissions::from_mode(0o755)).unwrap();
    bench.run(&["backup"]).ok();
    for place in ["near", "far"] {
        let vault = std::fs::read_dir(bench.path(place)).unwrap().next().unwrap().unwrap();
        assert_eq!(vault.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{place}");
    }
    let to = bench.text("no-such-folder/again.veil");
    bench.owner(&["restore", &bench.text("near"), "--to", &to]).fails(1, "no-such-folder");
}

#[test]
fn a_machine_with_another_vault_finds_and_restores_the_backups_of_a_lost_one() {
    let bench = shop();
    bench.run(&["backup"]).ok();
    let other = bench.text("other.veil");
    bench.owner(&["restore", &bench.text("near"), "--to", &bench.text("again.veil"), "--vault", &other]).ok();
    bench.run_as("Owner", &["init", "--owner", "Owner", "--vault", &other, "--backup", &bench.text("third")], "").ok();
    assert_eq!(
        objects(&bench.run(&["backup", "list", &bench.text("near"), "--json", "--vault", &other]).ok()).len(),
        1
    );
    bench.owner(&["restore", &bench.text("near"), "--to", &bench.text("once-more.veil"), "--vault", &other]).ok();
    let found = bench.owner(&["customers", "--vault", &bench.text("once-more.veil"), "--json"]).ok();
    assert_eq!(objects(&found).len(), 3);
}
