"""Hosts and domains that say nothing about who somebody works for: mailbox providers, builders, platforms.

A short list of the well known, kept by hand. A domain missing here is still caught where several organizations hold it.
"""

from __future__ import annotations

MAILBOX_PROVIDERS = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.com.br
    hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de
    live.fr live.nl live.it msn.com passport.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.de
    yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.com.br yahoo.com.au yahoo.in ymail.com rocketmail.com
    aol.com aol.de aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me
    tutanota.com tutanota.de tuta.io tutamail.com tuta.com gmx.com gmx.de gmx.net gmx.at gmx.ch
    gmx.co.uk web.de freenet.de t-online.de arcor.de 1und1.de online.de email.de mail.de posteo.de
    mailbox.org vodafone.de kabelmail.de alice.de a1.net aon.at bluewin.ch hispeed.ch sunrise.ch
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr voila.fr libero.it
    virgilio.it tiscali.it alice.it tin.it telefonica.net terra.es terra.com.br uol.com.br bol.com.br
    ig.com.br globo.com sapo.pt ziggo.nl planet.nl kpnmail.nl home.nl xs4all.nl hetnet.nl telenet.be
    skynet.be proximus.be btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com
    ntlworld.com blueyonder.co.uk tiscali.co.uk o2.co.uk eircom.net comcast.net verizon.net att.net
    sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com netzero.net optonline.net
    roadrunner.com rr.com frontier.com windstream.net centurylink.net q.com shaw.ca rogers.com
    sympatico.ca telus.net bell.net bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz mail.com
    email.com usa.com consultant.com engineer.com inbox.com fastmail.com fastmail.fm hushmail.com
    hey.com zoho.com zohomail.com zohomail.eu yandex.com yandex.ru ya.ru mail.ru inbox.ru list.ru bk.ru
    rambler.ru ukr.net i.ua seznam.cz email.cz centrum.cz volny.cz wp.pl o2.pl onet.pl onet.eu
    interia.pl gazeta.pl op.pl abv.bg mail.bg freemail.hu citromail.hu azet.sk zoznam.sk telia.com
    spray.se online.no tele2.se mail.dk jubii.dk suomi24.fi luukku.com qq.com foxmail.com 163.com
    126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com daum.net hanmail.net
    kakao.com nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com rediffmail.com indiatimes.com
    in.com walla.co.il walla.com netvision.net.il mailinator.com guerrillamail.com 10minutemail.com
    yopmail.com trashmail.com sharklasers.com duck.com privaterelay.appleid.com simplelogin.com
    anonaddy.com users.noreply.github.com
    """.split()  # noqa: SIM905  # hundreds of quoted names would read worse
)

PLATFORMS = frozenset(
    """
    facebook.com fb.com instagram.com linkedin.com lnkd.in twitter.com x.com youtube.com youtu.be
    tiktok.com xing.com pinterest.com reddit.com medium.com substack.com t.me telegram.org whatsapp.com
    wa.me vk.com weibo.com threads.net github.com gitlab.com bitbucket.org google.com sites.google.com
    docs.google.com drive.google.com goo.gl maps.google.com business.site g.page microsoft.com
    sharepoint.com onmicrosoft.com office.com apple.com amazon.com amazonaws.com cloudfront.net
    azurewebsites.net windows.net herokuapp.com appspot.com firebaseapp.com web.app netlify.app
    vercel.app pages.dev workers.dev onrender.com fly.dev github.io gitlab.io bitbucket.io wordpress.com
    wixsite.com wix.com weebly.com squarespace.com shopify.com myshopify.com webflow.io jimdo.com
    jimdofree.com jimdosite.com godaddysites.com strikingly.com tumblr.com blogspot.com blogger.com
    typepad.com carrd.co notion.site notion.so linktr.ee bit.ly tinyurl.com t.co ow.ly eventbrite.com
    meetup.com crunchbase.com wikipedia.org yelp.com tripadvisor.com trustpilot.com etsy.com ebay.com
    hubspot.com hubspotpagebuilder.com hs-sites.com salesforce.com force.com my.site.com zendesk.com
    freshdesk.com intercom.io mailchimp.com mailchi.mp sendgrid.net amazonses.com mcsv.net mailgun.org
    atlassian.net slack.com zoom.us calendly.com dropbox.com box.com wetransfer.com docusign.net one.com
    strato.de ionos.com ovh.net
    """.split()  # noqa: SIM905  # hundreds of quoted names would read worse
)

NOBODYS_ENDINGS = frozenset({"localhost", "local", "internal", "lan", "home", "invalid", "arpa", "onion"})
