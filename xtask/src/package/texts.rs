//! What the package says about itself, in the forms of the Debian policy.

/// What is found out when the package is made.
pub struct Facts {
    pub version: String,
    pub architecture: String,
    /// Of the program alone.
    pub depends: String,
    pub maintainer: String,
    /// As in an e-mail.
    pub date: String,
}

impl Facts {
    pub fn control(&self, kilobytes: u64) -> String {
        let Facts { version, architecture, depends, maintainer, .. } = self;
        format!(
            "Package: routewarden\n\
             Version: {version}\n\
             Architecture: {architecture}\n\
             Maintainer: {maintainer}\n\
             Installed-Size: {kilobytes}\n\
             Depends: {depends}, adduser, init-system-helpers (>= 1.54~)\n\
             Suggests: postgresql | mariadb-server, nginx | caddy\n\
             Section: net\n\
             Priority: optional\n\
             Description: monitor of MikroTik networks\n \
             Routewarden watches over a network of MikroTik routers, and the switches,\n \
             access points, servers, firewalls and tunnels around them, and shows the\n \
             moment something breaks, and why.\n \
             .\n \
             It is one program with its pages inside, and keeps what it knows in SQLite,\n \
             PostgreSQL or MariaDB.\n"
        )
    }

    pub fn changelog(&self) -> String {
        let Facts { version, maintainer, date, .. } = self;
        format!(
            "routewarden ({version}) unstable; urgency=medium\n\n  \
             * What changed is told in CHANGELOG.md.gz beside this file.\n\n \
             -- {maintainer}  {date}\n"
        )
    }
}

/// The head, whose last paragraph names the licence, and the licence as that paragraph's text.
pub fn copyright(head: &str, licence: &str) -> String {
    let lines = licence.lines().map(|line| match line.trim_end() {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    });
    format!("{}\n{}", head.trim_end(), lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let text = str::to_owned;
        Facts {
            version: text("1.2.0~rc.1"),
            architecture: text("amd64"),
            depends: text("libc6 (>= 2.34)"),
            maintainer: text("A <a@b.example>"),
            date: text("Thu, 01 Jan 1970 00:00:00 +0000"),
        }
    }

    #[test]
    fn every_line_of_the_control_file_is_a_field_or_goes_on_with_one() {
        let control = facts().control(7);
        for line in control.lines() {
            let is_field = line.split_once(": ").is_some_and(|(name, _)| !name.contains(' '));
            assert!(is_field || (line.starts_with(' ') && line.len() > 1), "{line:?}");
        }
        assert!(control.contains("Depends: libc6 (>= 2.34), adduser"), "{control}");
    }

    #[test]
    fn the_changelog_is_of_the_version_that_is_packaged() {
        let changelog = facts().changelog();
        assert!(changelog.starts_with("routewarden (1.2.0~rc.1) unstable; urgency=medium\n\n  * "));
        assert!(changelog.ends_with("\n\n -- A <a@b.example>  Thu, 01 Jan 1970 00:00:00 +0000\n"));
    }

    #[test]
    fn an_empty_line_of_the_licence_does_not_end_its_paragraph() {
        assert_eq!(copyright("License: X\n", "  A\n\nB\n"), "License: X\n   A\n .\n B\n");
    }
}
