//! Published test vectors: what the cryptography under the vault is held to by others.
//!
//! Vectors of one RFC that belong to one file (RFC 9106 to `vault::keyring::kdf`, RFC 5869 to `derive`, RFC 6962's tree to
//! `ledger::tree`, the signed note's to `ledger::note`) stand beside that file.
//! Sources: Project Wycheproof (Apache-2.0), RFC 5869 appendix A, C2SP tlog-checkpoint and tlog-cosignature.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use veilbook::ledger::checkpoint::{Checkpoint, cosigned_at};
use veilbook::ledger::note::{KeyUse, SignedNote, Vkey};
use veilbook::vault::keyring;
use wycheproof::{TestResult, aead, eddsa, hkdf as wyche_hkdf, xdh};
use x25519_dalek::{PublicKey, StaticSecret};

/// Checks that the vectors were really gone through.
fn all_seen(seen: usize, told: usize) {
    assert!(seen > 0 && seen == told, "{seen} of {told} vectors were looked at");
}

#[test]
fn xchacha20_poly1305_agrees_with_wycheproof() {
    let set = aead::TestSet::load(aead::TestName::XChaCha20Poly1305).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            seen += 1;
            // A nonce of another size cannot be handed to the cipher at all: the type says 24 bytes.
            let Ok(nonce) = XNonce::try_from(&test.nonce[..]) else {
                assert_eq!(test.result, TestResult::Invalid, "case {}", test.tc_id);
                continue;
            };
            let cipher = XChaCha20Poly1305::new_from_slice(&test.key).unwrap();
            let tag = Tag::try_from(&test.tag[..]).unwrap();
            let mut opened = test.ct.to_vec();
            let result = cipher.decrypt_inout_detached(&nonce, &test.aad, opened.as_mut_slice().into(), &tag);
            assert_eq!(result.is_ok(), test.result == TestResult::Valid, "case {}", test.tc_id);
            if result.is_ok() {
                assert_eq!(opened, test.pt.to_vec(), "case {}", test.tc_id);
                let mut sealed = test.pt.to_vec();
                let made = cipher.encrypt_inout_detached(&nonce, &test.aad, sealed.as_mut_slice().into()).unwrap();
                assert_eq!((sealed, made.to_vec()), (test.ct.to_vec(), test.tag.to_vec()), "case {}", test.tc_id);
            }
        }
    }
    all_seen(seen, set.number_of_tests);
}

#[test]
fn x25519_agrees_with_wycheproof_and_tells_the_all_zero_secret() {
    let set = xdh::TestSet::load(xdh::TestName::X25519).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            seen += 1;
            let secret = StaticSecret::from(<[u8; 32]>::try_from(&test.private_key[..]).unwrap());
            let Ok(public) = <[u8; 32]>::try_from(&test.public_key[..]) else {
                assert_ne!(test.result, TestResult::Valid, "case {}", test.tc_id);
                continue;
            };
            let shared = secret.diffie_hellman(&PublicKey::from(public));
            assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "case {}", test.tc_id);
            let is_zero = test.shared_secret.iter().all(|byte| *byte == 0);
            assert_eq!(shared.was_contributory(), !is_zero, "case {}", test.tc_id);
        }
    }
    all_seen(seen, set.number_of_tests);
}

#[test]
fn signatures_are_checked_as_wycheproof_says() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        let public: [u8; 32] = group.key.pk[..].try_into().unwrap();
        for test in &group.tests {
            seen += 1;
            let accepted = <[u8; 64]>::try_from(&test.sig[..])
                .is_ok_and(|signature| keyring::verify(&public, &test.msg, &signature).is_ok());
            assert_eq!(accepted, test.result == TestResult::Valid, "case {}", test.tc_id);
        }
    }
    all_seen(seen, set.number_of_tests);
}

#[test]
fn hkdf_sha256_agrees_with_wycheproof() {
    let set = wyche_hkdf::TestSet::load(wyche_hkdf::TestName::HkdfSha256).unwrap();
    let mut seen = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            seen += 1;
            let mut out = vec![0; test.size];
            let expanded = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut out);
            assert_eq!(expanded.is_ok(), test.result == TestResult::Valid, "case {}", test.tc_id);
            if expanded.is_ok() {
                assert_eq!(out, test.okm.to_vec(), "case {}", test.tc_id);
            }
        }
    }
    all_seen(seen, set.number_of_tests);
}

/// The example of C2SP tlog-cosignature, which shows a checkpoint with a log's signature and a witness's cosignature.
const COSIGNED: &str = "example.com/behind-the-sofa\n\
    20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
    \n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn the_example_of_a_cosigned_checkpoint_reads_as_it_is_described() {
    let note = SignedNote::parse(COSIGNED).unwrap();
    let checkpoint = Checkpoint::parse(note.text()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.body(), note.text());
    assert_eq!(note.signatures().len(), 2);
    // The published example does not come with its keys: a signature of another key is not taken for it.
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
    for purpose in [KeyUse::Note, KeyUse::Cosignature] {
        let key = Vkey::new("witness.example.com/w1", purpose, stranger).unwrap();
        assert!(note.check(&key).is_err() && cosigned_at(&note, &key).is_err());
    }
}
