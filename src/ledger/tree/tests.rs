//! The reference tree that the certificate-transparency implementations share, and the proofs' own laws.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const L0_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const L0_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const L1_1: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const L1_2: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const L1_3: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const L2_1: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn hash(hex: &str) -> Hash {
    bytes(hex).try_into().unwrap()
}

type Nodes = HashMap<(u8, u64), Hash>;

fn grown(leaves: impl Iterator<Item = Vec<u8>>) -> (Vec<Hash>, Nodes) {
    let (mut frontier, mut nodes) = (Frontier::default(), Nodes::new());
    let mut roots = vec![frontier.root()];
    for leaf in leaves {
        for node in frontier.append(leaf_hash(&leaf)) {
            assert!(nodes.insert((node.level, node.index), node.hash).is_none(), "a complete node is told once");
        }
        roots.push(frontier.root());
        assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Some(frontier.clone()));
    }
    (roots, nodes)
}

fn reference() -> (Vec<Hash>, Nodes) {
    grown(LEAVES.iter().map(|l| bytes(l)))
}

#[test]
fn the_reference_tree_has_the_published_roots() {
    assert_eq!(reference().0, ROOTS.map(hash).to_vec());
}

#[test]
fn the_reference_tree_has_the_published_audit_paths() {
    let (_, nodes) = reference();
    let check = |leaf, size, want: &[&str]| {
        let want: Vec<Hash> = want.iter().map(|h| hash(h)).collect();
        assert_eq!(inclusion_proof(leaf, size, |l, i| nodes.get(&(l, i)).copied()), Ok(want));
    };
    check(0, 1, &[]);
    check(0, 8, &[L0_1, L1_1, L2_1]);
    check(5, 8, &[L0_4, L1_3, ROOTS[4]]);
    check(2, 3, &[ROOTS[2]]);
    check(1, 5, &[ROOTS[1], L1_1, L0_4]);
}

#[test]
fn the_reference_tree_has_the_published_consistency_proofs() {
    let (_, nodes) = reference();
    let check = |old, new, want: &[&str]| {
        let want: Vec<Hash> = want.iter().map(|h| hash(h)).collect();
        assert_eq!(consistency_proof(old, new, |l, i| nodes.get(&(l, i)).copied()), Ok(want));
    };
    check(1, 1, &[]);
    check(1, 8, &[L0_1, L1_1, L2_1]);
    check(6, 8, &[L1_2, L1_3, ROOTS[4]]);
    check(2, 5, &[L1_1, L0_4]);
}

#[test]
fn every_proof_of_a_tree_of_up_to_40_leaves_verifies_and_no_neighbouring_one_does() {
    let (roots, nodes) = grown((0..40_u8).map(|i| vec![i]));
    let node = |l, i| nodes.get(&(l, i)).copied();
    for new in 1..=40_u64 {
        let root = roots[new as usize];
        for index in 0..new {
            let leaf = leaf_hash(&[index as u8]);
            let path = inclusion_proof(index, new, node).unwrap();
            assert!(verify_inclusion(&leaf, index, new, &path, &root));
            assert!(!verify_inclusion(&leaf, index + 1, new, &path, &root));
            assert!(!verify_inclusion(&leaf_hash(b"another"), index, new, &path, &root));
            let longer: Vec<Hash> = path.iter().copied().chain([root]).collect();
            assert!(!verify_inclusion(&leaf, index, new, &longer, &root));
        }
        for old in 0..=new {
            let old_root = roots[old as usize];
            let proof = consistency_proof(old, new, node).unwrap();
            assert!(verify_consistency(old, &old_root, new, &root, &proof), "{old} of {new}");
            if old != 0 {
                assert!(!verify_consistency(old, &leaf_hash(b"another"), new, &root, &proof));
                assert!(!verify_consistency(old, &old_root, new, &leaf_hash(b"another"), &proof));
            }
            let longer: Vec<Hash> = proof.iter().copied().chain([root]).collect();
            assert!(!verify_consistency(old, &old_root, new, &root, &longer));
        }
    }
}

#[test]
fn a_proof_over_a_missing_node_or_outside_the_tree_is_refused() {
    let (_, mut nodes) = reference();
    nodes.remove(&(1, 1));
    let node = |l, i| nodes.get(&(l, i)).copied();
    assert_eq!(inclusion_proof(0, 8, node), Err(ProofError::Missing { level: 1, index: 1 }));
    assert_eq!(inclusion_proof(8, 8, node), Err(ProofError::Outside));
    assert_eq!(consistency_proof(9, 8, node), Err(ProofError::Outside));
}

#[test]
fn a_frontier_of_the_wrong_length_is_refused() {
    let mut frontier = Frontier::default();
    frontier.append([1; 32]);
    let whole = frontier.to_bytes();
    for cut in 0..whole.len() {
        assert_eq!(Frontier::from_bytes(&whole[..cut]), None);
    }
    assert_eq!(Frontier::from_bytes(&[&whole[..], &[0; 32]].concat()), None);
    assert_eq!(Frontier::from_bytes(&u64::MAX.to_be_bytes()), None);
}

proptest! {
    #[test]
    fn verifying_never_panics(a: u64, b: u64, leaf: Hash, root: Hash, path in prop::collection::vec(any::<Hash>(), 0..70)) {
        prop_assert!(!verify_inclusion(&leaf, a, b, &path, &root));
        let _ = verify_consistency(a, &leaf, b, &root, &path);
    }
}
