//! Which test holds which line of what a hostile or careless hand does to the vault's file, at the gate, to the record
//! of actions, to a server, and to the work itself.
//!
//! **Invariant:** every line names tests that are there; a test that is renamed or removed is missed here.

/// A line, and the tests that hold it.
type Line = (&'static str, &'static [&'static str]);

const VAULT_FILE: &[Line] = &[
    ("empty; one byte", &["hostile_vault::what_is_no_vault_is_refused_by_what_it_is_and_left_alone"]),
    (
        "cut at each block border and in the middle of one",
        &["hostile_vault::a_vault_cut_at_any_block_border_or_within_one_is_refused_and_whole_again_when_put_back"],
    ),
    (
        "every header byte flipped",
        &[
            "tamper::every_header_byte_flipped_in_one_copy_is_mended_from_the_other_and_in_both_is_refused",
            "tamper::every_byte_of_the_superblocks_fields_flipped_in_one_copy_is_mended_and_in_both_is_refused",
            "tamper::a_flipped_byte_in_any_kind_of_page_is_refused_or_found_by_the_deep_check_where_the_page_is_in_use",
        ],
    ),
    ("two blocks swapped", &["tamper::two_blocks_swapped_are_refused_or_found_by_the_deep_check"]),
    (
        "an older block put back",
        &[
            "tamper::an_older_block_put_back_alone_or_with_its_tag_and_epoch_pages_never_passes_for_the_present_one",
            "tamper_seen::an_older_copy_of_the_whole_file_put_back_is_told_recorded_and_raised_once_and_locks_nobody_out",
        ],
    ),
    ("a block zeroed", &["tamper::a_block_zeroed_is_refused_or_found_by_the_deep_check"]),
    ("a block of another vault", &["tamper::a_block_of_another_vault_is_refused_or_found_by_the_deep_check"]),
    ("torn header copy A, B, both", &["tamper::torn_header_copy_a_b_and_both"]),
    ("two equal generations", &["tamper::two_equal_generations_that_differ_are_refused_or_one_whole_state"]),
    (
        "version 0 and the largest; a slot that asks for 4 TiB of memory or parallelism 0; none or 10,000 slots",
        &["tamper::version_0_and_the_largest_and_a_slot_that_asks_for_4_tib_or_parallelism_0_are_refused_by_name"],
    ),
    (
        "duplicate slot ids; a slot spliced from another user; right commitment and wrong tag",
        &["tamper::duplicate_slot_ids_a_slot_spliced_from_another_user_and_a_wrong_tag_open_nothing"],
    ),
    (
        "the path is a symlink, a FIFO, a directory, read-only",
        &[
            "hostile_vault::what_is_no_vault_is_refused_by_what_it_is_and_left_alone",
            "hostile_vault::a_link_to_a_vault_is_the_vault_and_its_lock_is_the_same",
        ],
    ),
    ("on a full disk", &["tamper_disk::a_disk_that_fills_up_during_an_import_loses_nothing_acknowledged"]),
    ("a second opener", &["hostile_vault::a_second_process_is_told_who_holds_the_vault_and_exits_with_3"]),
    (
        "write fails at every n-th call (ENOSPC, EIO); fsync fails",
        &[
            "faults::a_disk_that_fails_at_any_call_in_any_way_loses_nothing_acknowledged",
            "reveal::a_reveal_whose_entry_cannot_be_written_shows_nothing",
        ],
    ),
    ("rename fails", &["hostile_vault::a_name_that_cannot_be_given_leaves_no_vault_and_nothing_half_made"]),
];

const UNLOCKING: &[Line] = &[
    ("passphrase in NFC and NFD", &["hostile_unlock::composed_and_decomposed_names_and_passphrases_are_the_same"]),
    ("empty; 64 KiB; with NUL", &["hostile_unlock::what_is_no_passphrase_is_said_to_be_none_and_costs_nobody_a_try"]),
    ("wrong ten times", &["hostile_unlock::wrong_tries_are_made_to_wait_and_the_right_one_waits_with_them"]),
    (
        "unknown name and known name take the same time",
        &["login::waits_are_the_same_for_a_name_that_exists_and_one_that_does_not"],
    ),
    (
        "one-time code used twice in its step and the next",
        &["login::a_code_is_refused_in_its_own_step_again_and_before_the_last_one_and_taken_in_the_next"],
    ),
    (
        "clock in 1969 and a day ahead",
        &[
            "login::a_clock_in_1969_or_a_day_ahead_takes_no_code_of_the_phone_and_a_recovery_code_still_opens",
            "hostile_unlock::clocks_that_are_wrong_open_the_vault_all_the_same",
        ],
    ),
    ("two logins at once with one code", &["login::of_two_who_give_one_code_at_once_one_comes_in"]),
    ("a recovery code twice", &["login::a_recovery_code_stands_for_the_phone_once"]),
    (
        "staff member disabled while a session is open",
        &[
            "hostile_unlock::somebody_shut_out_while_at_work_is_out_at_once_and_stays_out",
            "login::whoever_is_shut_out_while_at_work_is_told_so_at_the_door",
        ],
    ),
    ("hang-up during the prompt", &["login::a_code_that_is_not_given_is_forgotten_and_holds_nothing"]),
];

const RECORD_OF_ACTIONS: &[Line] = &[
    (
        "tail cut",
        &[
            "ledger::a_record_whose_tail_is_cut_is_refused_at_every_line_and_in_the_middle_of_one",
            "hostile_record::tail_cut_in_the_vault_with_a_checkpoint_signed_anew_misses_those_that_were_kept",
        ],
    ),
    (
        "middle removed",
        &[
            "ledger::a_record_with_its_middle_removed_is_refused",
            "hostile_record::middle_removed_in_the_vault_is_found",
        ],
    ),
    ("forked", &["ledger::a_forked_record_is_refused", "hostile_record::forked_in_the_vault_is_found"]),
    (
        "signed again with another key",
        &[
            "ledger::a_record_signed_again_with_another_key_is_refused_by_whoever_has_the_key",
            "hostile_record::signed_again_with_another_key_in_the_vault_is_found_by_the_key_in_the_owners_slot",
        ],
    ),
    (
        "encoding not canonical",
        &[
            "ledger::a_record_whose_encoding_is_not_canonical_is_refused",
            "hostile_record::encoding_not_canonical_in_the_vault_is_found",
        ],
    ),
    (
        "checkpoint of size 0 or with a leading zero",
        &[
            "ledger::a_checkpoint_of_size_0_or_with_a_leading_zero_in_an_export_is_refused",
            "hostile_record::a_kept_checkpoint_of_size_0_or_with_a_leading_zero_in_the_vault_is_found",
        ],
    ),
    (
        "reason empty, blank, of newlines, with ESC, of 1 MiB",
        &["record::reasons_that_say_nothing_or_too_much_are_refused_and_never_stored"],
    ),
    ("a reveal while the log cannot be written", &["reveal::a_reveal_whose_entry_cannot_be_written_shows_nothing"]),
];

const SERVER: &[Line] = &[
    (
        "a peer with another uid",
        &["hostile_server::another_account_reaches_nothing_unless_its_group_may_and_then_the_door_and_may_name_no_key"],
    ),
    (
        "a socket path that is a symlink or already in use",
        &["hostile_server::a_link_a_file_a_folder_and_a_server_where_the_socket_should_be_are_left_alone_and_named"],
    ),
    (
        "SSH_ORIGINAL_COMMAND with shell text",
        &[
            "hostile_server::what_a_client_of_sshd_asks_to_be_run_is_never_looked_at",
            "ssh/real::a_real_sshd_with_the_shipped_snippet_shows_the_screens_and_nothing_else",
        ],
    ),
    (
        "an sftp or forwarding request",
        &[
            "ssh::nothing_but_a_session_with_a_terminal_is_carried_out_and_nothing_hangs",
            "ssh::forwarding_of_every_kind_fails_and_the_session_lives_on",
        ],
    ),
    (
        "a client that sends 5 MB without reading",
        &[
            "serve::a_client_that_sends_much_and_reads_nothing_harms_nobody",
            "ssh::five_megabytes_pass_either_way_however_slowly_they_are_read",
        ],
    ),
    (
        "a server killed in mid-session",
        &[
            "serve::a_server_that_is_killed_is_said_to_be_gone_and_the_next_one_is_found",
            "serve::what_is_typed_while_the_server_is_gone_is_nobodys_and_giving_up_ends_it",
            "kill_desk::whoever_is_killed_while_two_work_nothing_acknowledged_is_lost_and_work_goes_on",
        ],
    ),
    (
        "1,000 logins at once",
        &["hostile_server::a_hundred_sign_in_at_once_and_whoever_waits_reads_how_many_are_before_them"],
    ),
    (
        "a client that vanishes",
        &[
            "serve::a_terminal_that_goes_away_ends_its_session_and_no_other",
            "serve::a_hundred_that_hang_up_at_once_hold_nothing_that_others_need",
        ],
    ),
];

const WORK: &[Line] = &[
    (
        "hostile text in names, fields, notes, tags, templates, cadences, rules, deals, cases, views, labels, choices, consents",
        &[
            "hostile_text::hostile_text_that_is_typed_is_harmless_wherever_it_is_shown",
            "hostile_text::hostile_text_that_is_imported_is_harmless_wherever_it_is_shown",
            "hostile_work::hostile_text_in_every_text_of_the_work_is_harmless_wherever_it_is_shown",
            "hostile_work::texts_without_end_are_cut_or_refused_wherever_the_work_takes_one",
        ],
    ),
    (
        "a query of 10,000 characters; 1,000 conditions",
        &["hostile_work::queries_of_10_000_characters_and_of_1_000_conditions_are_refused_with_the_limit"],
    ),
    (
        "a recurrence that never ends or has no date",
        &["hostile_work::what_comes_again_for_ever_is_made_one_at_a_time_and_what_never_comes_is_none"],
    ),
    ("31 February", &["hostile_work::the_31st_of_february_is_no_day_wherever_one_is_written"]),
    ("a rule that triggers itself", &["rules::a_rule_that_triggers_itself_and_two_that_trigger_each_other_act_once"]),
    (
        "a cadence on 100,000 customers",
        &[
            "hostile_work::a_cadence_or_anything_else_on_100_000_is_refused_before_it_is_begun_and_the_cap_cannot_be_lifted",
            "cadences::more_than_the_policy_allows_are_refused_with_the_limit",
        ],
    ),
    (
        "merging a record with itself, with one under restriction, in a chain of three",
        &[
            "merge::what_cannot_be_merged_is_refused_and_nothing_changes",
            "reveal::a_restricted_customer_is_kept_and_neither_shown_nor_changed",
            "merge::three_in_a_row_end_at_one_and_come_apart_again_one_by_one",
            "hostile_work::a_chain_of_three_with_undo_in_between_ends_with_everybody_having_their_own",
            "consents::erasing_somebody_leaves_nothing_that_they_said_and_no_step_that_would_bring_it_back",
        ],
    ),
    (
        "retiring a field that a view, a rule and a template use",
        &["hostile_work::a_field_that_is_retired_under_a_view_a_rule_and_a_template_breaks_none_of_them"],
    ),
];

#[test]
fn every_line_on_the_vault_file_on_unlocking_on_the_record_on_the_server_and_on_the_work_has_a_test_that_is_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for (line, tests) in VAULT_FILE.iter().chain(UNLOCKING).chain(RECORD_OF_ACTIONS).chain(SERVER).chain(WORK) {
        assert!(!tests.is_empty(), "{line}");
        for test in *tests {
            let (module, name) = test.split_once("::").unwrap();
            let files = [format!("{module}.rs"), format!("{module}/mod.rs")];
            let text =
                files.iter().find_map(|file| std::fs::read_to_string(folder.join(file)).ok()).unwrap_or_default();
            let there = text.contains(&format!("#[test]\nfn {name}()"));
            assert!(there, "{line}: there is no test {test}");
        }
    }
}
