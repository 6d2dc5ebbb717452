//! Runs the grammar and turns its events into the tree. The only file that
//! names pest.

use pest::{Parser, Token};

use super::delimiters::Scan;
use super::tree::{Builder, Expected, Kind, Tree};

// The generated rules carry no documentation.
#[allow(missing_docs, clippy::all, clippy::indexing_slicing, unreachable_pub)]
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "syntax/grammar.pest"]
    pub(super) struct Grammar;
}

use grammar::{Grammar, Rule};

/// What a text is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    File,
    Expression,
}

/// The tree of a text that was scanned before. `None` when it nests too deeply
/// without brackets (`if a then if b then …`).
pub(super) fn tree(entry: Entry, text: &str, scan: &Scan) -> Option<Tree> {
    let rule = if entry == Entry::File { Rule::file } else { Rule::expression };
    let pairs = Grammar::parse(rule, scan.repaired(text)).ok()?;
    let mut builder = Builder::new(text);
    let mut offsets = scan.offsets();
    for token in pairs.tokens() {
        match token {
            Token::Start { rule, pos } => {
                if let Some(kind) = kind(rule) {
                    builder.start(kind, offsets.original(pos.pos()));
                }
            }
            Token::End { rule, pos } => {
                if kind(rule).is_some() {
                    builder.finish(offsets.original(pos.pos()));
                }
            }
        }
    }
    Some(builder.build())
}

/// The words of the rules that are keywords of their own.
#[cfg(test)]
pub(super) fn keywords() -> Vec<String> {
    let words = Rule::all_rules().iter().filter(|rule| kind(**rule) == Some(Kind::Keyword) && **rule != Rule::kw_later);
    words.map(|rule| format!("{rule:?}").trim_start_matches("kw_").to_owned()).collect()
}

/// A tree of leaves alone, for a text that is not parsed.
pub(super) fn flat(entry: Entry, text: &str) -> Tree {
    let mut builder = Builder::new(text);
    builder.start(if entry == Entry::File { Kind::File } else { Kind::Expression }, 0);
    builder.build()
}

/// The node that a rule makes; `None` for rules that only look ahead.
const fn kind(rule: Rule) -> Option<Kind> {
    Some(match rule {
        Rule::file => Kind::File,
        Rule::expression => Kind::Expression,
        Rule::tail_error
        | Rule::decl_error
        | Rule::member_error
        | Rule::interpolation_error
        | Rule::arg_error
        | Rule::item_error
        | Rule::entry_error
        | Rule::arm_error => Kind::Error,
        Rule::misspelt_line => Kind::Misspelt,
        Rule::ident | Rule::word => Kind::Word,
        Rule::quoted => Kind::Quoted,
        Rule::number => Kind::Number,
        Rule::plain_string => Kind::PlainString,
        Rule::block_string => Kind::BlockString,
        Rule::text | Rule::block_text => Kind::Text,
        Rule::interpolation => Kind::Interpolation,
        Rule::other_string => Kind::OtherString,
        Rule::other_char => Kind::Other,
        Rule::missing_expr => Kind::Missing(Expected::Expr),
        Rule::missing_name => Kind::Missing(Expected::Name),
        Rule::missing_type => Kind::Missing(Expected::Type),
        Rule::missing_kind => Kind::Missing(Expected::Kind),
        Rule::missing_colon => Kind::Missing(Expected::Colon),
        Rule::missing_equals => Kind::Missing(Expected::Equals),
        Rule::missing_body => Kind::Missing(Expected::Body),
        Rule::missing_arrow => Kind::Missing(Expected::Arrow),
        Rule::missing_in | Rule::misspelt_in => Kind::Missing(Expected::In),
        Rule::missing_then => Kind::Missing(Expected::Then),
        Rule::misspelt_then => Kind::Missing(Expected::MisspeltThen),
        Rule::missing_else => Kind::Missing(Expected::Else),
        Rule::misspelt_else => Kind::Missing(Expected::MisspeltElse),
        Rule::missing_when => Kind::Missing(Expected::When),
        Rule::missing_on | Rule::misspelt_on => Kind::Missing(Expected::On),
        Rule::missing_sep => Kind::Missing(Expected::Separator),
        Rule::missing_loop_comma => Kind::Missing(Expected::LoopComma),
        Rule::missing_comma => Kind::Missing(Expected::Comma),
        Rule::missing_line_end => Kind::Missing(Expected::LineEnd),
        Rule::missing_params => Kind::Missing(Expected::Params),
        Rule::missing_angle => Kind::Missing(Expected::Angle),
        Rule::missing_cond_colon => Kind::Missing(Expected::CondColon),
        Rule::semicolon => Kind::Semicolon,
        Rule::stray_comma => Kind::StrayComma,
        Rule::wrong_equals | Rule::wrong_colon => Kind::WrongEquals,
        Rule::wrong_arrow => Kind::WrongArrow,
        Rule::module_decl => Kind::ModuleDecl,
        Rule::use_decl => Kind::UseDecl,
        Rule::use_members => Kind::UseMembers,
        Rule::use_member => Kind::UseMember,
        Rule::path => Kind::Path,
        Rule::private_decl => Kind::PrivateDecl,
        Rule::later_decl => Kind::LaterDecl,
        Rule::type_decl => Kind::TypeDecl,
        Rule::let_decl => Kind::LetDecl,
        Rule::fn_decl => Kind::FnDecl,
        Rule::fn_params => Kind::FnParams,
        Rule::fn_param => Kind::FnParam,
        Rule::fn_block => Kind::FnBlock,
        Rule::block_let => Kind::BlockLet,
        Rule::default | Rule::p_default => Kind::Default,
        Rule::composite => Kind::Composite,
        Rule::members => Kind::Members,
        Rule::instance => Kind::Instance,
        Rule::instance_name => Kind::InstanceName,
        Rule::instance_word => Kind::InstanceWord,
        Rule::misspelt_composite => Kind::MisspeltComposite,
        Rule::misspelt_resource => Kind::MisspeltResource,
        Rule::param => Kind::Param,
        Rule::output => Kind::Output,
        Rule::require => Kind::Require,
        Rule::ready => Kind::Ready,
        Rule::scope => Kind::Scope,
        Rule::lease => Kind::Lease,
        Rule::notify => Kind::Notify,
        Rule::if_member => Kind::IfMember,
        Rule::for_member => Kind::ForMember,
        Rule::for_head => Kind::ForHead,
        Rule::resource => Kind::Resource,
        Rule::external => Kind::External,
        Rule::after => Kind::After,
        Rule::protect => Kind::Protect,
        Rule::retain => Kind::Retain,
        Rule::replace => Kind::Replace,
        Rule::type_expr => Kind::TypeExpr,
        Rule::union => Kind::Union,
        Rule::type_literal => Kind::TypeLiteral,
        Rule::generic => Kind::Generic,
        Rule::list_type => Kind::ListType,
        Rule::paren_type => Kind::ParenType,
        Rule::record_type => Kind::RecordType,
        Rule::type_field => Kind::TypeField,
        Rule::optional_mark => Kind::OptionalMark,
        Rule::kind_path | Rule::ident_kind => Kind::KindPath,
        Rule::expr | Rule::p_expr => Kind::Expr,
        Rule::cond_chain | Rule::p_chain => Kind::CondChain,
        Rule::operator | Rule::spaced_operator => Kind::Operator,
        Rule::question_mark | Rule::spaced_question => Kind::CondQuestion,
        Rule::prefix => Kind::Prefix,
        Rule::question => Kind::Question,
        Rule::safe_dot => Kind::SafeDot,
        Rule::call => Kind::Call,
        Rule::arg => Kind::Arg,
        Rule::index => Kind::Index,
        Rule::field => Kind::Field,
        Rule::root_name => Kind::RootName,
        Rule::paren => Kind::Paren,
        Rule::raw_expr => Kind::RawExpr,
        Rule::if_expr => Kind::IfExpr,
        Rule::match_expr => Kind::MatchExpr,
        Rule::arms => Kind::Arms,
        Rule::arm => Kind::Arm,
        Rule::patterns => Kind::Patterns,
        Rule::pattern => Kind::Pattern,
        Rule::wildcard => Kind::Wildcard,
        Rule::constant => Kind::Constant,
        Rule::list => Kind::List,
        Rule::spread => Kind::Spread,
        Rule::optional_item => Kind::OptionalItem,
        Rule::if_item => Kind::IfItem,
        Rule::for_item => Kind::ForItem,
        Rule::item_block => Kind::ItemBlock,
        Rule::bare_object => Kind::BareObject,
        Rule::object => Kind::Object,
        Rule::entry_field => Kind::EntryField,
        Rule::entry_short => Kind::EntryShort,
        Rule::bare_key => Kind::BareKey,
        Rule::number_key => Kind::NumberKey,
        Rule::computed_key => Kind::ComputedKey,
        Rule::if_entry => Kind::IfEntry,
        Rule::for_entry => Kind::ForEntry,
        Rule::entry_block => Kind::EntryBlock,
        Rule::assign => Kind::Assign,
        Rule::kw_private
        | Rule::kw_later
        | Rule::kw_module
        | Rule::kw_use
        | Rule::kw_as
        | Rule::kw_composite
        | Rule::kw_resource
        | Rule::kw_external
        | Rule::kw_fn
        | Rule::kw_let
        | Rule::kw_type
        | Rule::kw_param
        | Rule::kw_output
        | Rule::kw_require
        | Rule::kw_ready
        | Rule::kw_when
        | Rule::kw_scope
        | Rule::kw_lease
        | Rule::kw_notify
        | Rule::kw_on
        | Rule::kw_by
        | Rule::kw_after
        | Rule::kw_protect
        | Rule::kw_retain
        | Rule::kw_replace
        | Rule::kw_where
        | Rule::kw_if
        | Rule::kw_then
        | Rule::kw_else
        | Rule::kw_for
        | Rule::kw_in
        | Rule::kw_match
        | Rule::kw_raw => Kind::Keyword,
        _ => return None,
    })
}
